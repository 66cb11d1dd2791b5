// The package's ES modules, which it has no types for. Its CommonJS build takes Object.prototype's own `hasOwnProperty` for its own where
// that prototype is frozen, and then finds inherited members; its index.mjs gathers everything in an object that no bundler can drop.
declare module 'fast-json-patch/module/core.mjs' {
  export { applyOperation } from 'fast-json-patch';
}
declare module 'fast-json-patch/module/helpers.mjs' {
  export { escapePathComponent, unescapePathComponent } from 'fast-json-patch';
}
declare module 'fast-json-patch/module/duplex.mjs' {
  export { compare } from 'fast-json-patch';
}
