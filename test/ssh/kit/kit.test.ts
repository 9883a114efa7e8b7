import { describeProvider } from "@mooring/conformance/vitest";
import { afterAll } from "vitest";
import { requires } from "../../support/requires.js";
import { sshPlaces } from "./ssh-places.js";

if (requires("sshd", "root")) {
  const place = await sshPlaces.root();
  afterAll(() => place[Symbol.asyncDispose]());
  describeProvider("ssh as root", place.provider, place.facts);
}
