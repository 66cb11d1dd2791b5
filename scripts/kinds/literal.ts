import { compare } from './catalog.js';

/** The longest line that is written in one piece. */
export const WIDTH = 110;

/** Source text that {@link literal} takes over as it is: the name of a constant. */
export class Code {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

/**
 * A value as TypeScript source: on one line where it fits, else one property or element a line.
 *
 * @param indent - Columns before each further line.
 * @param before - Columns that the first line has used already.
 */
export function literal(value: unknown, indent = 0, before = indent): string {
  const flat = flatLiteral(value);
  const parts = partsOf(value);
  if (parts === undefined || before + flat.length < WIDTH) return flat;
  const margin = ' '.repeat(indent + 2);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  const lines = parts.map(
    ([label, item]) => `${margin}${label}${literal(item, indent + 2, indent + 2 + label.length)},\n`,
  );
  return `${open}\n${lines.join('')}${' '.repeat(indent)}${close}`;
}

/** An import or export statement: names in order, on one line where they fit. */
export function nameList(verb: string, names: readonly string[], from: string): string {
  const bare = (name: string): string => name.replace('type ', '');
  const sorted = [...names].sort((a, b) => compare(bare(a), bare(b)));
  const line = `${verb} { ${sorted.join(', ')} } from '${from}';`;
  if (line.length <= WIDTH) return `${line}\n`;
  return `${verb} {\n${sorted.map((name) => `  ${name},\n`).join('')}} from '${from}';\n`;
}

/** A property name as it stands in source: quoted only where it must be. */
export function propertyName(name: string): string {
  return /^[A-Za-z_$][\w$]*$/.test(name) && name !== '__proto__' ? name : quoted(name);
}

function flatLiteral(value: unknown): string {
  const parts = partsOf(value);
  if (parts === undefined) {
    if (value instanceof Code) return value.text;
    return typeof value === 'string' ? quoted(value) : JSON.stringify(value);
  }
  const items = parts.map(([label, item]) => label + flatLiteral(item)).join(', ');
  if (Array.isArray(value)) return `[${items}]`;
  return items === '' ? '{}' : `{ ${items} }`;
}

function partsOf(value: unknown): [label: string, item: unknown][] | undefined {
  if (typeof value !== 'object' || value === null || value instanceof Code) return undefined;
  if (Array.isArray(value)) return value.map((item: unknown) => ['', item]);
  return Object.entries(value)
    .filter(([, item]) => item !== undefined)
    .map(([name, item]) => [`${propertyName(name)}: `, item]);
}

function quoted(text: string): string {
  return `'${JSON.stringify(text).slice(1, -1).replaceAll('\\"', '"').replaceAll("'", "\\'")}'`;
}
