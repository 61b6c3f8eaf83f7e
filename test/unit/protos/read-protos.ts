import { execFileSync } from "node:child_process";
import { fileURLToPath } from "node:url";

/** A field in the words of `tfserving-wire.json`. */
export interface WireField {
  name: string;
  number: number;
  type: string;
  map?: { key: string; value: string };
  repeated?: boolean;
  packed?: boolean;
  optional?: boolean;
  oneof?: string;
  jsonName?: string;
  deprecated?: boolean;
  lazy?: boolean;
}

export interface WireMessage {
  file: string;
  fields: WireField[];
}

export interface WireMethod {
  name: string;
  path: string;
  request: string;
  response: string;
  requestStream: boolean;
  responseStream: boolean;
}

/** What a set of protos says on the wire, in the form of `tfserving-wire.json`. */
export interface WireTable {
  services: Record<string, WireMethod[]>;
  messages: Record<string, WireMessage>;
  enums: Record<string, Record<string, number>>;
  reserved: Record<string, number[]>;
}

interface FieldDescriptor {
  name: string;
  number: number;
  label: string;
  type: string;
  typeName?: string;
  jsonName: string;
  oneofIndex?: number;
  proto3Optional?: boolean;
  options?: { packed?: boolean; deprecated?: boolean; lazy?: boolean };
}

interface EnumDescriptor {
  name: string;
  value: { name: string; number: number }[];
}

interface MessageDescriptor {
  name: string;
  field?: FieldDescriptor[];
  nestedType?: MessageDescriptor[];
  enumType?: EnumDescriptor[];
  oneofDecl?: { name: string }[];
  reservedRange?: { start: number; end: number }[];
  options?: { mapEntry?: boolean };
}

interface FileDescriptor {
  name: string;
  package: string;
  messageType?: MessageDescriptor[];
  enumType?: EnumDescriptor[];
  service?: {
    name: string;
    method: {
      name: string;
      inputType: string;
      outputType: string;
      clientStreaming?: boolean;
      serverStreaming?: boolean;
    }[];
  }[];
}

/** Compiles `protos/` and tells what it says. */
export function readProtos(): WireTable {
  const root = fileURLToPath(new URL("../../..", import.meta.url));
  const image = execFileSync(`${root}node_modules/.bin/buf`, ["build", "--output", "-#format=json"], {
    cwd: root,
    maxBuffer: 64 * 1024 * 1024,
  });
  const table: WireTable = { services: {}, messages: {}, enums: {}, reserved: {} };
  for (const file of (JSON.parse(image.toString()) as { file: FileDescriptor[] }).file) readFile(table, file);
  return table;
}

function readFile(table: WireTable, file: FileDescriptor): void {
  for (const message of file.messageType ?? []) readMessage(table, file, file.package, message);
  for (const enumeration of file.enumType ?? []) readEnum(table, file.package, enumeration);
  for (const service of file.service ?? []) {
    const fullName = `${file.package}.${service.name}`;
    table.services[fullName] = service.method.map((method) => ({
      name: method.name,
      path: `/${fullName}/${method.name}`,
      request: method.inputType.slice(1),
      response: method.outputType.slice(1),
      requestStream: method.clientStreaming ?? false,
      responseStream: method.serverStreaming ?? false,
    }));
  }
}

function readMessage(table: WireTable, file: FileDescriptor, scope: string, message: MessageDescriptor): void {
  const fullName = `${scope}.${message.name}`;
  const entries = new Map(
    (message.nestedType ?? [])
      .filter((nested) => nested.options?.mapEntry)
      .map((entry) => [`.${fullName}.${entry.name}`, entry]),
  );
  table.messages[fullName] = {
    file: file.name,
    fields: (message.field ?? []).map((field) => readField(field, message, entries)),
  };
  const reserved = (message.reservedRange ?? []).flatMap(({ start, end }) =>
    Array.from({ length: end - start }, (_, index) => start + index),
  );
  if (reserved.length > 0) table.reserved[fullName] = reserved;
  for (const nested of message.nestedType ?? []) {
    if (!nested.options?.mapEntry) readMessage(table, file, fullName, nested);
  }
  for (const enumeration of message.enumType ?? []) readEnum(table, fullName, enumeration);
}

function readField(
  field: FieldDescriptor,
  message: MessageDescriptor,
  entries: Map<string, MessageDescriptor>,
): WireField {
  const read: WireField = { name: field.name, number: field.number, type: typeOf(field) };
  const entry = entries.get(field.typeName ?? "");
  if (entry) {
    read.type = "map";
    read.map = { key: typeOf(entry.field![0]!), value: typeOf(entry.field![1]!) };
  } else if (field.label === "LABEL_REPEATED") {
    read.repeated = true;
    const packable = !["TYPE_STRING", "TYPE_BYTES", "TYPE_MESSAGE"].includes(field.type);
    if (packable) read.packed = field.options?.packed ?? true;
  }
  if (field.proto3Optional) read.optional = true;
  else if (field.oneofIndex !== undefined) read.oneof = message.oneofDecl![field.oneofIndex]!.name;
  if (field.jsonName !== defaultJsonName(field.name)) read.jsonName = field.jsonName;
  if (field.options?.deprecated) read.deprecated = true;
  if (field.options?.lazy) read.lazy = true;
  return read;
}

function typeOf(field: FieldDescriptor): string {
  return field.typeName?.slice(1) ?? field.type.slice("TYPE_".length).toLowerCase();
}

function readEnum(table: WireTable, scope: string, enumeration: EnumDescriptor): void {
  table.enums[`${scope}.${enumeration.name}`] = Object.fromEntries(
    enumeration.value.map(({ name, number }) => [name, number]),
  );
}

function defaultJsonName(name: string): string {
  return name.replace(/_+(.?)/g, (_, next: string) => next.toUpperCase());
}
