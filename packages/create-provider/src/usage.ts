/** What `--help` prints, and every error of input. */
export const usage = `Usage: npm create @mooring/provider <name> -- [options]

Makes a provider package in the directory <name>: a lower-case letter, then at most 63 of a-z 0-9 and -.

Options:
  --base command   a place that a command reaches: docker exec, ssh, nsenter (default)
  --base http      a place behind an HTTP service
  --base memory    no helper: the contract written by hand
  --yes            ask nothing
  --help
`;
