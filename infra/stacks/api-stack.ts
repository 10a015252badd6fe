import { CfnOutput, Duration, Stack, type StackProps, Validations } from 'aws-cdk-lib';
import {
  CorsHttpMethod,
  HttpApi,
  HttpMethod,
  HttpRoute,
  HttpRouteKey,
  HttpStage,
} from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import type { Construct } from 'constructs';
import { CORS } from '../../shared/contract/cors.ts';
import { type Group, methodsOf, type RouteDeclaration } from '../../shared/contract/route.ts';
import { controlRoutes } from '../../shared/control-routes.ts';
import { accessLog } from '../constructs/access-log.ts';
import { ControlPlaneFunction, type Surroundings } from '../constructs/control-plane-functions.ts';
import { customDomain } from '../constructs/custom-domain.ts';

/** Declared routes by group; the groups are those the table names. */
const byGroup = Map.groupBy<Group, RouteDeclaration>(controlRoutes, (route) => route.group);

/** The HTTP API: its routes are the declared ones, with one function per group. */
export class ApiStack extends Stack {
  readonly api: HttpApi;
  readonly functions: ControlPlaneFunction[] = [];

  constructor(scope: Construct, id: string, props: StackProps & Surroundings) {
    super(scope, id, props);
    const { settings } = props;
    this.api = new HttpApi(this, 'Api', {
      description: `The gateway's HTTP API, ${settings.name}`,
      createDefaultStage: false,
      corsPreflight: {
        allowOrigins: [...settings.corsOrigins],
        allowMethods: CORS.methods.map((method) => CorsHttpMethod[method]),
        allowHeaders: [...CORS.requestHeaders],
        exposeHeaders: [...CORS.answerHeaders],
        maxAge: Duration.hours(1),
      },
    });
    new HttpStage(this, 'Stage', {
      httpApi: this.api,
      stageName: '$default',
      autoDeploy: true,
      throttle: { rateLimit: settings.throttle.ratePerS, burstLimit: settings.throttle.burst },
      accessLogSettings: accessLog(this, settings),
      ...customDomain(this, settings.domain, 'apiName'),
    });
    Validations.of(this).acknowledge({
      id: 'AwsSolutions-APIG4',
      reason:
        'The functions tell four kinds of callers apart, from the same route table, and laws test each route ' +
        'without a token; an authorizer would be one more invocation per request that knows less.',
    });
    for (const [group, routes] of byGroup) this.#addGroup(group, routes, props);
    new CfnOutput(this, 'ApiUrl', { value: this.url(props) });
  }

  /** The address for tenants and workers, without a trailing slash. */
  url({ settings }: Pick<Surroundings, 'settings'>): string {
    if (settings.emulatorUrl !== undefined)
      return `${settings.emulatorUrl}/_aws/execute-api/${this.api.apiId}/$default`;
    return settings.domain === undefined ? this.api.apiEndpoint : `https://${settings.domain.apiName}`;
  }

  #addGroup(group: Group, routes: readonly RouteDeclaration[], props: Surroundings): void {
    const { settings, data, network, channel } = props;
    const fn = new ControlPlaneFunction(this, group, {
      name: group,
      description: `${routes.length} routes of the group ${group}`,
      settings,
      data,
      network,
      channel,
    });
    this.functions.push(fn);
    // One permission for the whole function, because one per route would exceed the size of a policy.
    const integration = new HttpLambdaIntegration(group, fn.target, { scopePermissionToRoute: false });
    for (const route of routes) {
      const methods = methodsOf(route).map((method) => HttpMethod[method]);
      for (const path of [route.path, ...(route.aliases ?? [])])
        this.api.addRoutes({ path, methods, integration });
    }
    // Undeclared paths and methods are answered by us too, as 404 or 405 in the gateway's shape.
    if (group === 'system')
      new HttpRoute(this, 'Default', { httpApi: this.api, routeKey: HttpRouteKey.DEFAULT, integration });
  }
}
