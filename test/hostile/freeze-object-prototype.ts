// Runs before each test file of the project `hostile`, and so before the code under test is loaded.
// With `--disable-proto=throw`, code that trusts `__proto__` throws instead of reaching a prototype.
// Where Object.prototype is frozen, writing to one throws, and so does assigning a member such as `toString`.
Object.freeze(Object.prototype);
