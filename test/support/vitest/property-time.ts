import fc from 'fast-check';

/**
 * A property that fails on something large may be shrunk for hours, which looks like a hang. It ends in time with the
 * counterexample that it has, and with its seed. A property that merely takes long goes on.
 */
fc.configureGlobal({
  ...fc.readConfigureGlobal(),
  interruptAfterTimeLimit: 120_000,
  markInterruptAsFailure: true,
});
