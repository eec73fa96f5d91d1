#!/usr/bin/env node
'use strict'
const path = require('node:path')
const { launch } = require('../../../tools/launch.cjs')

// A failure is left to Node, which reports it with its source line.
void launch(path.join(__dirname, '..', 'src', 'main.ts'), process.argv.slice(2))
