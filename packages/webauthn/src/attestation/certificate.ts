import { type KeyObject, X509Certificate } from 'node:crypto'
import { equalBytes } from '../bytes.ts'
import { CeremonyError } from '../errors.ts'
import { type DerNode, readChildren, readDer, readInteger, readObjectIdentifier, readOctets, readText } from './der.ts'

const aaguidExtension = '1.3.6.1.4.1.45724.1.1.4'

export type Certificate = {
  bytes: Uint8Array
  x509: X509Certificate
  publicKey: KeyObject
  /** 3 is written as 2. */
  version: number
  /** Attribute values by object identifier. */
  subject: ReadonlyMap<string, string>
  /** Extension values by object identifier. */
  extensions: ReadonlyMap<string, Uint8Array>
  /** Critical extensions, by object identifier. */
  critical: ReadonlySet<string>
  /** Runs a DER reader over a part of this certificate; what it cannot read makes the certificate invalid. */
  readDer<Value>(read: () => Value): Value
  /** Version 3 and no authority: what packed and TPM statements ask of their leaf. */
  checkIsEndEntity(): void
  /** When the certificate names a model of authenticator, it has to be the one that answered. */
  checkAaguid(aaguid: Uint8Array): void
}

export function parseCertificate(bytes: Uint8Array): Certificate {
  return orInvalid(() => {
    const x509 = new X509Certificate(bytes)
    const fields = readFields(bytes)
    return {
      bytes,
      x509,
      publicKey: x509.publicKey,
      ...fields,
      readDer: orInvalid,
      checkIsEndEntity() {
        if (fields.version !== 2) throw invalid('version is not 3')
        if (x509.ca) throw invalid('leaf is an authority')
      },
      checkAaguid: (aaguid) => checkAaguid(fields.extensions, fields.critical, aaguid),
    }
  })
}

/** TBSCertificate: version [0], serial, algorithm, issuer, validity, subject, key, extensions [3]. */
function readFields(bytes: Uint8Array): Pick<Certificate, 'version' | 'subject' | 'extensions' | 'critical'> {
  const [tbs] = readChildren(readDer(bytes).value)
  if (!tbs) throw new RangeError('empty certificate')
  const fields = readChildren(tbs.value)
  const versioned = fields[0]?.tagClass === 2 ? fields[0] : undefined
  const subject = fields[versioned ? 5 : 4]
  if (!subject) throw new RangeError('no subject')
  const wrapped = fields.find(({ tagClass, tag }) => tagClass === 2 && tag === 3)
  return {
    version: versioned ? readInteger(readDer(versioned.value)) : 0,
    subject: readName(subject.value),
    ...readExtensions(wrapped ? readChildren(readDer(wrapped.value).value) : []),
  }
}

/** Name: SEQUENCE OF SET OF { type, value }. */
export function readName(name: Uint8Array): Map<string, string> {
  const attributes = new Map<string, string>()
  for (const set of readChildren(name)) {
    for (const attribute of readChildren(set.value)) {
      const [type, value] = readChildren(attribute.value)
      if (type && value) attributes.set(readObjectIdentifier(type), readText(value))
    }
  }
  return attributes
}

/** Extension: { id, critical DEFAULT FALSE, value OCTET STRING }. */
function readExtensions(nodes: DerNode[]): Pick<Certificate, 'extensions' | 'critical'> {
  const extensions = new Map<string, Uint8Array>()
  const critical = new Set<string>()
  for (const node of nodes) {
    const parts = readChildren(node.value)
    const [id, flag] = parts
    const value = parts.at(-1)
    if (!id || !flag || !value) throw new RangeError('extension')
    const name = readObjectIdentifier(id)
    if (extensions.has(name)) throw new RangeError('duplicate extension')
    extensions.set(name, value.value)
    if (parts.length === 3 && flag.value[0] === 0xff) critical.add(name)
  }
  return { extensions, critical }
}

function checkAaguid(extensions: ReadonlyMap<string, Uint8Array>, critical: ReadonlySet<string>, aaguid: Uint8Array) {
  const extension = extensions.get(aaguidExtension)
  if (!extension) return
  if (critical.has(aaguidExtension)) throw invalid('AAGUID extension is critical')
  const named = orInvalid(() => readOctets(readDer(extension)))
  if (!equalBytes(named, aaguid)) throw new CeremonyError('attestation_aaguid_mismatch')
}

function orInvalid<Value>(read: () => Value): Value {
  try {
    return read()
  } catch (cause) {
    if (cause instanceof CeremonyError) throw cause
    throw invalid(cause)
  }
}

function invalid(cause: unknown): CeremonyError {
  return new CeremonyError('attestation_certificate_invalid', cause)
}
