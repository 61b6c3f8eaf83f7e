import { fileURLToPath, pathToFileURL } from "node:url";
import type { WireField, WireTable } from "../unit/protos/read-protos.ts";
import { type PlainMessage, type PlainValue, sortPairs } from "./plain-message.ts";

type Message = Record<string, unknown>;

interface MessageModule {
  encode(message: Message): { finish(): Uint8Array };
  decode(bytes: Uint8Array): Message;
  create(): Message;
}

const generated = fileURLToPath(new URL("../../generated/", import.meta.url));

/** Turns plain messages into bytes and back with the code in `generated/`. */
export class GeneratedMessages {
  readonly #table: WireTable;
  readonly #modules = new Map<string, MessageModule>();

  private constructor(table: WireTable) {
    this.#table = table;
  }

  /** Loads the module of every message in the table. */
  static async load(table: WireTable): Promise<GeneratedMessages> {
    const messages = new GeneratedMessages(table);
    for (const [name, { file }] of Object.entries(table.messages)) {
      const path = `${generated}${file.replace(/\.proto$/, ".ts")}`;
      const module = (await import(pathToFileURL(path).href)) as { protobufPackage: string } & Record<string, unknown>;
      const local = name.slice(module.protobufPackage.length + 1).replaceAll(".", "_");
      messages.#modules.set(name, module[local] as MessageModule);
    }
    return messages;
  }

  encode(type: string, plain: PlainMessage): Uint8Array {
    return this.#modules.get(type)!.encode(this.#fromPlain(type, plain)).finish();
  }

  decode(type: string, bytes: Uint8Array): PlainMessage {
    return this.#toPlain(type, this.#modules.get(type)!.decode(bytes));
  }

  #fromPlain(type: string, plain: PlainMessage): Message {
    const message = this.#modules.get(type)!.create();
    for (const field of this.#table.messages[type]!.fields) {
      const value = plain[field.name];
      if (value === undefined) continue;
      const converted = this.#fieldFromPlain(field, value);
      if (field.oneof) message[camelCase(field.oneof)] = { $case: camelCase(field.name), value: converted };
      else message[camelCase(field.name)] = converted;
    }
    return message;
  }

  #fieldFromPlain(field: WireField, value: PlainValue): unknown {
    const { map } = field;
    if (map)
      return new Map((value as [string, PlainValue][]).map(([key, item]) => [key, this.#fromValue(map.value, item)]));
    if (field.repeated) return (value as PlainValue[]).map((item) => this.#fromValue(field.type, item));
    return this.#fromValue(field.type, value);
  }

  #fromValue(type: string, value: PlainValue): unknown {
    if (isWrapper(type)) return this.#fromPlain(type, value as PlainMessage)["value"];
    if (type in this.#table.messages) return this.#fromPlain(type, value as PlainMessage);
    switch (type) {
      case "float":
        return Buffer.from(value as string, "hex").readFloatBE();
      case "double":
        return Buffer.from(value as string, "hex").readDoubleBE();
      case "bytes":
        return Uint8Array.from(Buffer.from(value as string, "base64"));
      case "int32":
      case "uint32":
        return Number(value);
      case "int64":
      case "uint64":
      case "sint64":
        return BigInt(value as string);
      default:
        return value;
    }
  }

  #toPlain(type: string, message: Message): PlainMessage {
    const plain: PlainMessage = {};
    for (const field of this.#table.messages[type]!.fields) {
      const value = this.#fieldToPlain(field, message);
      if (value !== undefined) plain[field.name] = value;
    }
    return plain;
  }

  #fieldToPlain(field: WireField, message: Message): PlainValue | undefined {
    if (field.oneof) {
      const union = message[camelCase(field.oneof)] as { $case: string; value: unknown } | undefined;
      return union?.$case === camelCase(field.name) ? this.#toValue(field.type, union.value) : undefined;
    }
    const value = message[camelCase(field.name)];
    const { map } = field;
    if (map) {
      const pairs = [...(value as Map<string, unknown>)].map(([key, item]): [string, PlainValue] => [
        key,
        this.#toValue(map.value, item),
      ]);
      return pairs.length === 0 ? undefined : sortPairs(pairs);
    }
    if (field.repeated) {
      const values = (value as unknown[]).map((item) => this.#toValue(field.type, item));
      return values.length === 0 ? undefined : values;
    }
    const set = field.optional || field.type in this.#table.messages ? value !== undefined : !isDefault(value);
    return set ? this.#toValue(field.type, value) : undefined;
  }

  #toValue(type: string, value: unknown): PlainValue {
    if (isWrapper(type)) return this.#toPlain(type, { value });
    if (type in this.#table.messages) return this.#toPlain(type, value as Message);
    if (value instanceof Uint8Array) return Buffer.from(value).toString("base64");
    if (type === "float" || type === "double") {
      const bits = Buffer.alloc(type === "float" ? 4 : 8);
      if (type === "float") bits.writeFloatBE(value as number);
      else bits.writeDoubleBE(value as number);
      return bits.toString("hex");
    }
    return type.includes("int") && !(type in this.#table.enums) ? String(value) : (value as PlainValue);
  }
}

/** A wrapper's field holds the bare value in generated code. */
function isWrapper(type: string): boolean {
  return /^google\.protobuf\.(Bool|Bytes|Double|Float|U?Int(32|64)|String)Value$/.test(type);
}

function isDefault(value: unknown): boolean {
  return (
    value === 0 ||
    value === 0n ||
    value === false ||
    value === "" ||
    (value instanceof Uint8Array && value.length === 0)
  );
}

function camelCase(name: string): string {
  return name.replace(/_(.)/g, (_, next: string) => next.toUpperCase());
}
