/** Protobuf descriptors as flat tables: one line of text for everything that must be equal on both sides. */

type FieldProto = {
  readonly name: string;
  readonly number: number;
  readonly label: string;
  readonly type: string;
  readonly typeName?: string;
  readonly oneofIndex?: number;
  readonly proto3Optional?: boolean;
};

type EnumProto = {
  readonly name: string;
  readonly value: readonly { readonly name: string; readonly number?: number }[];
};

type MessageProto = {
  readonly name: string;
  readonly field?: readonly FieldProto[];
  readonly nestedType?: readonly MessageProto[];
  readonly enumType?: readonly EnumProto[];
  readonly oneofDecl?: readonly { readonly name: string }[];
  readonly options?: { readonly mapEntry?: boolean };
};

type ServiceProto = {
  readonly name: string;
  readonly method?: readonly { readonly name: string; readonly inputType: string; readonly outputType: string }[];
};

export type FileSet = {
  readonly file: readonly {
    readonly package?: string;
    readonly syntax?: string;
    readonly messageType?: readonly MessageProto[];
    readonly enumType?: readonly EnumProto[];
    readonly service?: readonly ServiceProto[];
  }[];
};

/** `.ray.rpc.X/field` -> number, label, type; `.ray.rpc.Enum/VALUE` -> number; `.ray.rpc.Service/Method` -> request, reply. */
export function flatten({ file }: FileSet): ReadonlyMap<string, string> {
  const table = new Map<string, string>();
  for (const { package: name = '', messageType = [], enumType = [], service = [] } of file) {
    for (const message of messageType) addMessage(table, `.${name}`, message);
    for (const one of enumType) addEnum(table, `.${name}`, one);
    for (const { name: serviceName, method = [] } of service) {
      for (const { name: methodName, inputType, outputType } of method)
        table.set(`.${name}.${serviceName}/${methodName}`, `${inputType} -> ${outputType}`);
    }
  }
  return table;
}

function addMessage(table: Map<string, string>, scope: string, message: MessageProto): void {
  const name = `${scope}.${message.name}`;
  table.set(name, message.options?.mapEntry === true ? 'map entry' : 'message');
  for (const field of message.field ?? []) {
    const { number, label, type, typeName = '', oneofIndex, proto3Optional = false } = field;
    const oneof = oneofIndex === undefined || proto3Optional ? '' : ` of ${message.oneofDecl?.[oneofIndex]?.name}`;
    table.set(
      `${name}/${field.name}`,
      `${number} ${label} ${type} ${typeName}${oneof}${proto3Optional ? ' optional' : ''}`,
    );
  }
  for (const nested of message.nestedType ?? []) addMessage(table, name, nested);
  for (const one of message.enumType ?? []) addEnum(table, name, one);
}

function addEnum(table: Map<string, string>, scope: string, { name, value }: EnumProto): void {
  table.set(`${scope}.${name}`, 'enum');
  for (const { name: valueName, number = 0 } of value) table.set(`${scope}.${name}/${valueName}`, String(number));
}
