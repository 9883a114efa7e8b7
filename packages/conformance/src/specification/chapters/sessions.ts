import type { SpecificationChapter } from "../chapter.js";

export const portsChapter: SpecificationChapter = {
  title: "Ports",
  promises: [
    {
      id: "P54",
      text: "A connection to a port of the runner carries bytes both ways, as many at once as one likes.",
      capability: "ports.connect",
      checks: ["ports.connect-*"],
    },
    {
      id: "P55",
      text: "An exposed port answers at its URL once `expose` resolves, until it is closed.",
      capability: "ports.expose",
      checks: ["ports.expose-*"],
    },
  ],
};

export const durableChapter: SpecificationChapter = {
  title: "Durable commands",
  promises: [
    {
      id: "P56",
      text: "A durable command outlives whoever started it, and its output is read on from a byte cursor: nothing twice, nothing lost. What is no longer kept is refused with the floor, never left out.",
      capability: "commands.durable",
      checks: ["durable.output-*", "durable.trimmed-cursor-tells-the-floor"],
    },
    {
      id: "P57",
      text: "How a durable command ended is on record for the next owner.",
      capability: "commands.durable",
      checks: ["durable.exit-is-recorded", "durable.timeout-holds-unattended"],
    },
    {
      id: "P58",
      text: "Letting go of a durable command leaves it running; only an end that is asked for ends it.",
      capability: "commands.durable",
      checks: [
        "durable.plain-commands-end-with-detach",
        "durable.cancel-by-next-owner",
        "durable.disposal-lets-go",
        "durable.wrong-requests",
      ],
    },
  ],
};

export const lifecycleChapter: SpecificationChapter = {
  title: "Sessions",
  promises: [
    {
      id: "P59",
      text: "`close` ends every command and settles every call; `destroy` also removes what the session made, and nothing of the user's.",
      checks: [
        "lifecycle.close",
        "lifecycle.close-ends-*",
        "lifecycle.calls-under-way-settle",
        "lifecycle.destroy*",
        "lifecycle.disposal",
      ],
    },
    {
      id: "P60",
      text: "Sessions at one place are apart: their ids, their commands, their ends.",
      checks: ["lifecycle.sessions-are-apart", "lifecycle.session-id-is-taken-once"],
    },
    {
      id: "P61",
      text: "A session's state is JSON with no secret in it, with which the session is resumed; a state that is wrong is refused, and one that is gone told so.",
      checks: [
        "lifecycle.state-is-json-without-secrets",
        "lifecycle.close-and-resume",
        "lifecycle.resume-what-is-gone",
        "lifecycle.resume-refuses-garbage",
      ],
    },
    {
      id: "P62",
      text: "What is detached runs on, and belongs to whoever resumes it.",
      capability: "lifecycle.detach",
      checks: ["lifecycle.detach-and-resume"],
    },
    {
      id: "P63",
      text: "Opening can be aborted at any moment, and leaves nothing behind.",
      checks: ["lifecycle.aborted-opening", "lifecycle.abort-while-opening"],
    },
    {
      id: "P64",
      text: "Sessions are found by their labels; reaping takes only those whose owner is gone.",
      checks: ["lifecycle.list-by-label", "lifecycle.reap-spares-the-living"],
    },
  ],
};

export const lossChapter: SpecificationChapter = {
  title: "Loss",
  promises: [
    {
      id: "P65",
      text: "A command whose connection is lost has an unknown exit, the output so far, and the reason `disconnected`.",
      checks: ["loss.exit-is-not-invented"],
    },
    {
      id: "P66",
      text: "When the connection is lost, every call settles, and later ones say why they cannot be served.",
      checks: ["loss.calls-settle"],
    },
    {
      id: "P67",
      text: "What has lost its owner is ended by the far side itself, durable commands excepted.",
      capability: "commands.kill",
      checks: ["loss.leaves-no-process", "loss.*-ends-offspring"],
    },
  ],
};
