/** Runs before each request. */
import { span } from 'agensight';
import { NextResponse } from 'next/server';

const check = span('check', (path) => path.startsWith('/api'));

export function proxy(request) {
  const response = NextResponse.next();
  response.headers.set('x-checked', String(check(request.nextUrl.pathname)));
  return response;
}

export const config = { matcher: '/api/:path*' };
