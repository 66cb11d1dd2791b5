import * as z from 'zod/v4/core';
import { type Condition, CONDITION_RULES } from '../core/index.js';

/**
 * What Kubernetes wants a condition to be, for the schema of a status.
 *
 * The type is a name such as `Ready` or `example.com/Ready`, the reason a word in upper camel case that is not empty, the time RFC 3339,
 * and the message at most 32,768 characters. Fields that a condition does not have are dropped.
 *
 * Source: `metav1.Condition` in k8s.io/apimachinery.
 *
 * @example
 * ```ts
 * const Website = defineResource({
 *   group: 'example.com',
 *   version: 'v1',
 *   kind: 'Website',
 *   spec: z.object({ image: z.string() }),
 *   status: z.object({ conditions: z.array(conditionSchema()).optional() }),
 *   merge: { 'status.conditions': { listType: 'map', listMapKeys: ['type'] } },
 * });
 * ```
 */
export function conditionSchema(): z.$ZodType<Condition, Condition> {
  const { type, reason, message } = CONDITION_RULES;
  const schema: z.$ZodType = new z.$ZodObject({
    type: 'object',
    shape: {
      type: text(z._maxLength(type.maxLength), z._regex(type.pattern)),
      status: new z.$ZodEnum({ type: 'enum', entries: { True: 'True', False: 'False', Unknown: 'Unknown' } }),
      observedGeneration: new z.$ZodOptional({ type: 'optional', innerType: generation() }),
      lastTransitionTime: z._isoDateTime(z.$ZodISODateTime, { offset: true }),
      reason: text(z._maxLength(reason.maxLength), z._regex(reason.pattern)),
      message: text(z._maxLength(message.maxLength)),
    },
  });
  // the class knows nothing of the shape that it was made with
  return schema as z.$ZodType<Condition, Condition>;
}

function text(...checks: z.$ZodCheck<string>[]): z.$ZodString {
  return new z.$ZodString({ type: 'string', checks });
}

function generation(): z.$ZodNumber {
  const isInteger = new z.$ZodCheckNumberFormat({ check: 'number_format', format: 'safeint', abort: false });
  return new z.$ZodNumber({ type: 'number', checks: [isInteger, z._gte(0)] });
}
