import type { ColumnTypes, Migration } from '../migration.ts'
import { runStatements } from './statements.ts'

/** Clients, authorization servers, policies, API tokens and trusted origins: what an org is set up with. */
export const clients: Migration = {
  name: '0003-clients',
  up: (db, types) => runStatements(db, statements(types)),
}

const statements = ({ text, json, time, int }: ColumnTypes) => [
  `CREATE TABLE client (
    org_id ${text} NOT NULL,
    id ${text} NOT NULL,
    name ${text} NOT NULL,
    status ${text} NOT NULL,
    secrets ${json} NOT NULL,
    metadata ${json} NOT NULL,
    created_at ${time} NOT NULL,
    updated_at ${time} NOT NULL,
    PRIMARY KEY (org_id, id))`,
  `CREATE INDEX client_by_creation ON client (org_id, created_at, id)`,
  `CREATE TABLE authorization_server (
    org_id ${text} NOT NULL,
    id ${text} NOT NULL,
    name ${text} NOT NULL,
    description ${text} NOT NULL,
    status ${text} NOT NULL,
    audiences ${json} NOT NULL,
    scopes ${json} NOT NULL,
    claims ${json} NOT NULL,
    settings ${json} NOT NULL,
    created_at ${time} NOT NULL,
    updated_at ${time} NOT NULL,
    PRIMARY KEY (org_id, id))`,
  `CREATE TABLE policy (
    org_id ${text} NOT NULL,
    id ${text} NOT NULL,
    type ${text} NOT NULL,
    name ${text} NOT NULL,
    priority ${int} NOT NULL,
    status ${text} NOT NULL,
    conditions ${json} NOT NULL,
    rules ${json} NOT NULL,
    created_at ${time} NOT NULL,
    updated_at ${time} NOT NULL,
    PRIMARY KEY (org_id, id))`,
  `CREATE TABLE api_token (
    org_id ${text} NOT NULL,
    id ${text} NOT NULL,
    name ${text} NOT NULL,
    hash ${text} NOT NULL,
    user_id ${text},
    created_at ${time} NOT NULL,
    last_used_at ${time},
    expires_at ${time},
    PRIMARY KEY (org_id, id),
    FOREIGN KEY (org_id, user_id) REFERENCES person (org_id, id) ON DELETE CASCADE)`,
  `CREATE UNIQUE INDEX api_token_hash ON api_token (org_id, hash)`,
  `CREATE TABLE trusted_origin (
    org_id ${text} NOT NULL,
    id ${text} NOT NULL,
    name ${text} NOT NULL,
    origin ${text} NOT NULL,
    scopes ${json} NOT NULL,
    created_at ${time} NOT NULL,
    updated_at ${time} NOT NULL,
    PRIMARY KEY (org_id, id))`,
  `CREATE UNIQUE INDEX trusted_origin_once ON trusted_origin (org_id, origin)`,
]
