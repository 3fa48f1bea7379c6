/** Next.js calls `register` once in each of its runtimes. */
import { init } from 'agensight';
import { after } from 'next/server';

export function register() {
  init({ name: process.env.NEXT_RUNTIME, mode: 'prod', waitUntil: after });
}
