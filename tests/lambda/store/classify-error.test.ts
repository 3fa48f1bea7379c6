import { describe, expect, it } from 'vitest';
import { classifyError } from '../../../lambda/store/classify-error.ts';

describe('classifyError', () => {
  it.each([
    ['PT401', 401, 'unauthorized'],
    ['PT403', 403, 'forbidden'],
    ['PT400', 400, 'refused'],
    ['22P02', 400, 'refused'],
    ['22003', 400, 'refused'],
    ['23514', 400, 'refused'],
    ['54000', 500, 'refused'],
    ['21000', 500, 'refused'],
    ['P0001', 400, 'refused'],
    ['', 413, 'refused'],
    ['57014', 500, 'retry'],
    ['57P03', 503, 'retry'],
    ['53300', 503, 'retry'],
    ['08006', 503, 'retry'],
    ['40001', 500, 'retry'],
    ['40P01', 500, 'retry'],
    ['25006', 405, 'retry'],
    ['55P03', 500, 'retry'],
    ['PGRST000', 503, 'retry'],
    ['PGRST202', 404, 'retry'],
    ['42501', 403, 'retry'],
    ['', 401, 'retry'],
    ['', 429, 'retry'],
    ['', 502, 'retry'],
    ['', 0, 'retry'],
  ])('classifies code "%s" with HTTP %s as %s', (code, httpStatus, status) => {
    expect(classifyError({ code, message: 'm' }, httpStatus).status).toBe(status);
  });

  it('retries a transient error sooner than one that needs an operator', () => {
    expect(classifyError({ code: '40001' }, 500)).toMatchObject({ afterSeconds: 5 });
    expect(classifyError({ code: '42883' }, 404)).toMatchObject({ afterSeconds: 60 });
  });

  it('never includes the message, which may quote the data', () => {
    const error = classifyError({ code: '22P02', message: 'invalid input: "hunter2"' }, 400);
    expect(JSON.stringify(error)).not.toContain('hunter2');
  });
});
