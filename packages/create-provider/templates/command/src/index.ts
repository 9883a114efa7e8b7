export { myPlace } from "./my-place.js";
export type { MyPlaceConfig } from "./config.js";
