#!/usr/bin/env node
'use strict'
const path = require('node:path')
const { launch } = require('../../../tools/launch.cjs')

launch(path.join(__dirname, '..', 'src', 'main.ts'), process.argv.slice(2))
