-- The health of a Canary in Argo CD. Needs no library, since Argo CD opens none for scripts of argocd-cm.
local metadata = obj.metadata or {}
local status = obj.status or {}

local function health(word, message)
  return { status = word, message = message or "" }
end

-- A condition of the present generation; an earlier one may speak of what was mended since.
local function condition(wanted)
  for _, each in ipairs(status.conditions or {}) do
    local seen = each.observedGeneration
    if each.type == wanted and (seen == nil or seen == metadata.generation) then
      return each
    end
  end
  return {}
end

local stalled = condition("Stalled")
local accepted = condition("Accepted")
local ready = condition("Ready")

if metadata.deletionTimestamp ~= nil then
  if stalled.status == "True" then
    return health("Degraded", stalled.message)
  end
  return health("Progressing", status.phase == "Terminating" and status.message or "the Canary is being deleted")
end

if status.observedGeneration == nil or status.observedGeneration ~= metadata.generation then
  return health("Progressing", "waiting for Serin to see the spec as it is now")
end

-- Somebody asked for this: nothing is wrong, and nothing goes on.
if status.phase == "Suspended" then
  return health("Suspended", status.message)
end

if status.phase == "Failed" then
  return health("Degraded", status.message)
end

if stalled.status == "True" then
  return health("Degraded", stalled.message)
end

if accepted.status == "False" then
  return health("Degraded", accepted.message)
end

-- The release waits for a person, or for a clock that a person set.
if status.phase == "Waiting" then
  return health("Suspended", status.message)
end

if status.phase == "Initialized" or status.phase == "Succeeded" then
  if ready.status == "False" then
    return health("Progressing", ready.message)
  end
  return health("Healthy", status.message)
end

local underWay = {
  Initializing = true,
  Progressing = true,
  Promoting = true,
  Finalising = true,
  Terminating = true,
}
if status.phase == nil or underWay[status.phase] then
  return health("Progressing", status.message)
end

return health("Unknown", "phase " .. status.phase .. " is newer than this script: take health.lua of the Serin that runs")
