import { CfnOutput } from 'aws-cdk-lib';
import { type DomainMappingOptions, DomainName, SecurityPolicy } from 'aws-cdk-lib/aws-apigatewayv2';
import { Certificate } from 'aws-cdk-lib/aws-certificatemanager';
import type { Construct } from 'constructs';
import type { CustomDomain } from '../stages.ts';

/** The stage's own domain name for an API, where it has one; its DNS record is an alias to the output. */
export function customDomain(
  scope: Construct,
  domain: CustomDomain | undefined,
  which: 'apiName' | 'websocketName',
): { domainMapping?: DomainMappingOptions } {
  if (domain === undefined) return {};
  const domainName = new DomainName(scope, 'Domain', {
    domainName: domain[which],
    certificate: Certificate.fromCertificateArn(scope, 'Certificate', domain.certificateArn),
    securityPolicy: SecurityPolicy.TLS_1_2,
  });
  new CfnOutput(scope, 'DomainTarget', { value: domainName.regionalDomainName });
  return { domainMapping: { domainName } };
}
