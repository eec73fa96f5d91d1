export { authenticationMethodNames } from './authenticate.ts'
export { authenticateRequest } from './request.ts'
