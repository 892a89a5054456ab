/** What decorators of other packages note of methods, which are not installed here. */
import { SetMetadata } from '@nestjs/common';

export const Query = () => SetMetadata('graphql:resolver_type', 'Query');
export const ResolveField = () => SetMetadata('graphql:resolve_property', true);
export const Reference = () => SetMetadata('graphql:resolver_type', '__resolveReference');
export const Pattern = () => SetMetadata('microservices:pattern', ['a']);
export const Message = () => SetMetadata('websockets:message_mapping', 'a');
