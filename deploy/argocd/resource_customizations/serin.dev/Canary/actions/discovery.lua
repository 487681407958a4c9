-- Which commands Serin would obey, as far as the object tells. Whatever is asked all the same is refused by Serin itself,
-- with why, in status.lastCommand.
local status = obj.status or {}
local release = status.release or {}
local waiting = status.waiting or {}

local phase = status.phase
-- An abort reaches what a suspension is laid over.
local active = phase
if phase == "Suspended" then
  active = (status.suspended or {}).phase
end

local isDeleted = (obj.metadata or {}).deletionTimestamp ~= nil
local isInStage = phase == "Progressing" or phase == "Waiting"
local isRestoring = (release.promotion or {}).step == "Restore"

local function action(name, icon, isPossible)
  return {
    ["displayName"] = name,
    ["iconClass"] = "fa fa-fw " .. icon,
    ["disabled"] = isDeleted or not isPossible,
  }
end

local actions = {}
actions["promote"] = action("Promote", "fa-step-forward", isInStage)
actions["promoteFull"] = action("Promote Full", "fa-fast-forward", isInStage)
actions["abort"] = action(
  "Abort",
  "fa-stop",
  active == "Progressing" or active == "Waiting" or (active == "Promoting" and not isRestoring)
)
actions["retry"] = action("Retry", "fa-redo", phase == "Failed")
actions["pause"] = action("Pause", "fa-pause", phase == "Progressing")
actions["resume"] = action("Resume", "fa-play", phase == "Waiting" and waiting.reason ~= "Approval")
return actions
