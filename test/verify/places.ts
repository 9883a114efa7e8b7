import { join } from "node:path";
import type { RemoteRunnerProvider } from "@mooring/api";
import type { ProviderFacts } from "@mooring/conformance";
import { memoryProvider } from "@mooring/conformance/doubles";
import { programsWithoutPerl } from "../../packages/providers/unix-local/test/without-perl.js";
import { type SshPlaceName, sshPlaces } from "../ssh/kit/ssh-places.js";
import { localPlace } from "../support/local-place.js";

/** A place of ours to measure, with all that can be said of it. */
interface VerifiedPlace extends AsyncDisposable {
  readonly provider: RemoteRunnerProvider;
  readonly facts: ProviderFacts;
}

/** By the names that `npm run verify` takes. */
export const places: Readonly<Record<string, () => Promise<VerifiedPlace>>> = {
  "unix-local": async () => {
    const place = await localPlace();
    const { destination, facts } = place;
    return verified(place.provider, { destination, wrongConfig: { root: "relative" }, ...facts }, place);
  },
  "unix-local-without-perl": async () => {
    const place = await localPlace((directory) => ({ env: { PATH: programsWithoutPerl(join(directory, "bin")) } }));
    const { destination } = place;
    return verified(place.provider, { destination, wrongConfig: { root: "relative" } }, place);
  },
  ssh: () => overSsh("root"),
  "ssh-without-perl": () => overSsh("busybox"),
  memory: async () => {
    const provider = memoryProvider();
    const destination = {
      id: "memory",
      providerId: provider.id,
      config: {},
      defaultManifest: { entries: [], mounts: [] },
    };
    return verified(provider, { destination }, { async [Symbol.asyncDispose]() {} });
  },
};

/** Needs root and OpenSSH's server. */
async function overSsh(name: SshPlaceName): Promise<VerifiedPlace> {
  const place = await sshPlaces[name]();
  return verified(place.provider, place.facts, place);
}

function verified<Config>(
  provider: RemoteRunnerProvider<Config>,
  facts: ProviderFacts<Config>,
  place: AsyncDisposable,
): VerifiedPlace {
  return {
    // The kit hands the configuration back as it came.
    provider: provider as RemoteRunnerProvider,
    facts: facts as ProviderFacts,
    [Symbol.asyncDispose]: () => place[Symbol.asyncDispose](),
  };
}
