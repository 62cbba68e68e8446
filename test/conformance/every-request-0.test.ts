import { describeEveryRequest } from './every-request.ts';

await describeEveryRequest(0);
