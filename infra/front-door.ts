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
  /** Requests per second that it lets through. Default: 500. */
  readonly requestsPerSecond?: number | undefined;
  /** Requests that it lets through at once. Default: twice {@link requestsPerSecond}. */
  readonly burst?: number | undefined;
  /** A name of your own, such as `ingest.example.com`; its DNS record is yours to make. */
  readonly domainName?: string | undefined;
  /** ARN of a certificate for {@link domainName} in Certificate Manager, in the same region. */
  readonly certificateArn?: string | undefined;
}

/** What clients connect to. */
export interface FrontDoor {
  /** The address, without a slash at its end. */
  readonly endpoint: string;
  /** Where the DNS record of the domain of your own must point; undefined without one. */
  readonly domainTarget?: string;
}

/**
 * A function URL: no cost per request. Who comes in without a token of the database is turned away by
 * the function itself.
 */
export function addFunctionUrl(ingest: IFunction): FrontDoor {
  const { url } = ingest.addFunctionUrl({ authType: FunctionUrlAuthType.NONE });
  // AWS ends it with a slash, which an address to put paths behind has not.
  return { endpoint: `https://${Fn.select(2, Fn.split('/', url))}` };
}

/**
 * An HTTP API, which costs per request, and adds throttling and a domain of your own.
 *
 * @throws Error when only one of domain and certificate is given
 */
export function addHttpApi(
  scope: Construct,
  ingest: IFunction,
  props: HttpApiProps,
  logRetention: RetentionDays,
): FrontDoor {
  const { requestsPerSecond = 500, domainName, certificateArn } = props;
  if ((domainName === undefined) !== (certificateArn === undefined)) {
    throw new Error('domainName and certificateArn belong together: give both or none.');
  }
  const api = new HttpApi(scope, 'Api', {
    createDefaultStage: false,
    description: 'Where Agensight takes in batches.',
  });
  const integration = new HttpLambdaIntegration('Ingest', ingest);
  const routes = api.addRoutes({ path: '/{proxy+}', methods: [HttpMethod.ANY], integration });
  for (const route of routes) {
    acknowledge(route, {
      'AwsSolutions-APIG4':
        'Tokens are checked by the function, against the database that issues them; the health check needs none.',
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
    // No address and no header of a caller.
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
