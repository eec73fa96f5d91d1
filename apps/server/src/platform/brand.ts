declare const brand: unique symbol

/** A string that only its own room can make, so that a user id is never taken for a client id. */
export type Brand<Base, Name extends string> = Base & { readonly [brand]: Name }
