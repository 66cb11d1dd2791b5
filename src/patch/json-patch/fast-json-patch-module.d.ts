// The package's ES module, which it has no types for: its CommonJS build takes Object.prototype's own `hasOwnProperty` for its own where
// that prototype is frozen, and then finds inherited members.
declare module 'fast-json-patch/index.mjs' {
  export { applyOperation, compare } from 'fast-json-patch';
}
