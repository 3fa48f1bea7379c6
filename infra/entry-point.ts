import { Aws, Fn } from 'aws-cdk-lib';
import {
  ApiMapping,
  type CfnStage,
  DomainName,
  HttpApi,
  HttpMethod,
  HttpStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import { FunctionUrlAuthType, type IFunction } from 'aws-cdk-lib/aws-lambda';
import { LogGroup, type RetentionDays } from 'aws-cdk-lib/aws-logs';
import { RemovalPolicy } from 'aws-cdk-lib/core';
import type { Construct } from 'constructs';
import { acknowledge } from './acknowledge.ts';

/** An HTTP API in front of the ingest function. */
export interface HttpApiProps {
  /** Rate limit in requests per second. Default: 500. */
  readonly requestsPerSecond?: number | undefined;
  /** Burst limit in requests. Default: twice {@link requestsPerSecond}. */
  readonly burst?: number | undefined;
  /** A custom domain, such as `ingest.example.com`. You create its DNS record. */
  readonly domainName?: string | undefined;
  /** ARN of a certificate for {@link domainName} in AWS Certificate Manager, in the same region. */
  readonly certificateArn?: string | undefined;
}

/** The public address of the ingest function. */
export interface EntryPoint {
  /** URL without a trailing slash. */
  readonly endpoint: string;
  /** Target for the CNAME of the custom domain; undefined without one. */
  readonly domainTarget?: string;
}

/** A function URL: no cost per request. It is public; the function itself authenticates each request. */
export function addFunctionUrl(ingest: IFunction): EntryPoint {
  const { url } = ingest.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
  // Without the trailing slash, so that clients can append paths.
  return { endpoint: `https://${Fn.select(2, Fn.split('/', url))}` };
}

/**
 * An HTTP API, which costs per request and adds throttling and a custom domain.
 *
 * @throws Error when only one of domain and certificate is given
 */
export function addHttpApi(
  scope: Construct,
  ingest: IFunction,
  props: HttpApiProps,
  logRetention: RetentionDays,
): EntryPoint {
  const { requestsPerSecond = 500, domainName, certificateArn } = props;
  if ((domainName === undefined) !== (certificateArn === undefined)) {
    throw new Error('domainName and certificateArn must be set together.');
  }
  const api = new HttpApi(scope, 'Api', {
    createDefaultStage: false,
    description: 'Agensight: ingest endpoint.',
  });
  const integration = new HttpLambdaIntegration('Ingest', ingest);
  const routes = api.addRoutes({ path: '/{proxy+}', methods: [HttpMethod.ANY], integration });
  for (const route of routes) {
    acknowledge(route, {
      'AwsSolutions-APIG4':
        'The function authenticates tokens against the database that issues them; the health route needs no token.',
    });
  }
  const stage = new HttpStage(scope, 'Stage', {
    httpApi: api,
    stageName: '$default',
    autoDeploy: true,
    throttle: {
      rateLimit: requestsPerSecond,
      burstLimit: props.burst ?? 2 * requestsPerSecond,
    },
  });
  const log = new LogGroup(scope, 'ApiLog', {
    retention: logRetention,
    removalPolicy: RemovalPolicy.DESTROY,
  });
  (stage.node.defaultChild as CfnStage).accessLogSettings = {
    destinationArn: log.logGroupArn,
    // Neither IP addresses nor headers of clients.
    format: JSON.stringify({
      request_id: '$context.requestId',
      route: '$context.path',
      status: '$context.status',
      bytes: '$context.responseLength',
      error: '$context.integrationErrorMessage',
    }),
  };
  if (domainName === undefined || certificateArn === undefined) {
    return { endpoint: `https://${api.apiId}.execute-api.${Aws.REGION}.${Aws.URL_SUFFIX}` };
  }
  const domain = new DomainName(scope, 'Domain', {
    domainName,
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', certificateArn),
  });
  new ApiMapping(scope, 'Mapping', { api, domainName: domain, stage });
  return { endpoint: `https://${domainName}`, domainTarget: domain.regionalDomainName };
}
