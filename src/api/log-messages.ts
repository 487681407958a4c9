/**
 * Every message that the controller logs: what it means, and what a person does about it. Messages are constant, so that each can be
 * looked up by its words; facts are in the fields of the line.
 */

/** One message of the log. */
export interface LogMessageEntry {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly means: string;
  readonly remedy: string;
}

/** By their words. */
export const logMessages = {
  transition: {
    level: "info",
    means: "A Canary's status changed; `rule`, `phase`, `weight` and `because` say how and why.",
    remedy: "Nothing.",
  },
  "serving health and metrics": {
    level: "info",
    means: "The process has started; `port` is where it is asked.",
    remedy: "Nothing.",
  },
  stopping: {
    level: "info",
    means: "The process was told to end: it finishes what is under way and gives the lease back.",
    remedy: "Nothing.",
  },
  "acquired the lease": {
    level: "info",
    means: "This replica acts from now on.",
    remedy: "Nothing.",
  },
  "lost the lease": {
    level: "info",
    means:
      "This replica stands by from now on. Released: it ends. Expired: it could not renew in time. Taken: another one holds it.",
    remedy: "Expired, again and again: its way to the API server, or CPU that it does not get.",
  },
  "lease request failed": {
    level: "warn",
    means: "The lease could not be read, renewed or given back; tried again within 2 s.",
    remedy:
      "If it lasts, nobody leads: the API server, DNS, or the rights on Leases, as `because` says.",
  },
  "cannot follow the API server's objects, trying again": {
    level: "warn",
    means: "A list or a watch failed; what was known of that kind is used meanwhile.",
    remedy: "`because` has the cause. Forbidden: apply the roles of `deploy/` again.",
  },
  "the API server does not serve this kind": {
    level: "warn",
    means: "A kind that Serin looks at is not installed (or not yet).",
    remedy: "Apply the CRDs of Serin or of Istio, if it is one of those.",
  },
  "may not look for the kind's definition, asking for the kind": {
    level: "warn",
    means:
      "Serin may not read CustomResourceDefinitions, and finds out in another way whether a kind is there.",
    remedy: "Nothing, or grant `get` on them as `deploy/base/cluster-role.yaml` does.",
  },
  "object cannot be decoded": {
    level: "warn",
    means: "An object has a form that Serin does not understand; it is treated as unknown.",
    remedy: "`key` and `because` name object and field: mend it.",
  },
  "change handler failed": {
    level: "error",
    means: "A bug in what follows a change of an object; the next change is followed again.",
    remedy: "Keep the line and report it.",
  },
  "API server asks to wait": {
    level: "debug",
    means: "The server answered 429 or 503 with a time to wait, which is waited once.",
    remedy: "Nothing.",
  },
  "credentials were refused and read again": {
    level: "warn",
    means:
      "The API server answered 401, or its certificate is not trusted: token and authority were read again. `isNew`: others were found, and the request was sent once more.",
    remedy:
      "Once, around a rotation: nothing. Again and again with `isNew` false: the ServiceAccount was made anew, or ca.crt is not that of the server; delete Serin's pods.",
  },
  "credentials cannot be read, keeping those of before": {
    level: "warn",
    means:
      "The file of the token, the authority or the kubeconfig cannot be read now, or its plugin fails.",
    remedy: "The mounted ServiceAccount of the pod, or the kubeconfig.",
  },
  "the authority or the client's certificate changed, connecting anew": {
    level: "info",
    means: "A rotated CA or client certificate is used from now on.",
    remedy: "Nothing.",
  },
  "a pass failed": {
    level: "warn",
    means: "What was to be done for a Canary did not succeed; it is tried again as `remedy` says.",
    remedy:
      "`error` has the cause: mostly the API server or an admission webhook. The Canary's message says it too if it lasts.",
  },
  "a pass met a bug": {
    level: "error",
    means: "A bug stopped the work on one Canary until it changes.",
    remedy: "Keep the line and report it. Another push, or a restart of Serin, tries again.",
  },
  "reading metrics failed": {
    level: "error",
    means: "A bug while metrics were read; the next interval reads again.",
    remedy: "Keep the line and report it.",
  },
  "reading past metrics failed": {
    level: "error",
    means:
      "What was measured before this process looked could not be read; what is measured from now on decides.",
    remedy: "Keep the line and report it.",
  },
  "a message could not be told yet": {
    level: "warn",
    means:
      "An Event, or a message to Slack or a webhook, did not get through; tried again in `delayMs`.",
    remedy: "`because` has the answer of the other side. Releases do not wait for it.",
  },
  "an alert provider cannot be used as it is": {
    level: "warn",
    means:
      "Slack or a webhook refuses for good, or its Secret is missing; the message is not sent there.",
    remedy: "Mend the AlertProvider that `destination` names, or its Secret.",
  },
  "a provider's problem could not be recorded": {
    level: "warn",
    means: "The Event or status that tells of the line above could not be written.",
    remedy: "Nothing; the line above has it.",
  },
  "telling failed": {
    level: "error",
    means:
      "A bug while messages were sent; that destination of that Canary hears nothing more until a restart.",
    remedy: "Keep the line and report it; restart Serin.",
  },
  "an old spec could not be deleted": {
    level: "warn",
    means:
      "A ControllerRevision that is not needed any more stays; tried again at the next release.",
    remedy: "Nothing; if it lasts, the rights on ControllerRevisions.",
  },
  "old saved templates could not be deleted": {
    level: "warn",
    means: "The same, of a saved pod template.",
    remedy: "Nothing; if it lasts, the rights on ControllerRevisions.",
  },
  "housekeeping failed": {
    level: "error",
    means: "A bug while what is gone was forgotten; tried again in ten minutes.",
    remedy: "Keep the line and report it.",
  },
  "log lines were lost": {
    level: "warn",
    means: "As many lines as `count` says could not be written before this one.",
    remedy: "The disk, or whoever reads the log of Serin's pod.",
  },
} as const satisfies Readonly<Record<string, LogMessageEntry>>;
