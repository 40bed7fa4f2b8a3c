import { describe, expect, test } from 'vitest';
import { Problem } from '../../../functions/shared/errors.ts';
import { Admission } from '../../../local/http/admission.ts';

/** An admission over a queue whose length and whose pace the test says. */
function open(most = 4) {
  const state = { backlog: 0, now: 0 };
  const options = { most, capacity: 2, backlog: () => state.backlog, clock: () => state.now };
  const admission = new Admission(options);
  const work = (images: number, milliseconds: number) => {
    for (let image = 0; image < images; image++) {
      state.now += milliseconds;
      admission.finished();
    }
  };
  return { admission, state, work };
}

function refusal(attempt: () => unknown): { code: string; retryAfter: number } {
  try {
    attempt();
  } catch (error) {
    if (error instanceof Problem)
      return { code: error.code, retryAfter: Number(error.headers['Retry-After']) };
    throw error;
  }
  throw new Error('It was let in.');
}

describe('requests that wait', () => {
  test('are let in up to the bound, and again when one has been answered', () => {
    const { admission } = open(2);
    const leave = admission.enter(20);
    admission.enter(20);
    expect(refusal(() => admission.enter(20))).toEqual({ code: 'busy', retryAfter: 1 });
    leave();
    admission.enter(20);
  });

  test('are told when the waiting work will be done', () => {
    const { admission, state, work } = open(1);
    state.backlog = 100;
    work(200, 50);
    admission.enter(20);
    expect(refusal(() => admission.enter(20)).retryAfter).toBe(5);
  });

  test('are refused where the queue is too long for their wait', () => {
    const { admission, state, work } = open();
    state.backlog = 1000;
    work(200, 50);
    expect(refusal(() => admission.enter(20))).toEqual({ code: 'busy', retryAfter: 50 });
    state.backlog = 100;
    admission.enter(20);
  });

  test('are let in after a quiet time, which says nothing of how fast things go', () => {
    const { admission, state, work } = open();
    state.backlog = 100;
    work(200, 50);
    state.backlog = 0;
    work(1, 50);
    work(1, 3_600_000);
    state.backlog = 100;
    work(1, 50);
    admission.enter(20);
  });
});
