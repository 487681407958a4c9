-- One id for each version of the object: a click is obeyed once, and the next one is another command.
local annotations = obj.metadata.annotations or {}
annotations["serin.dev/command"] = '{"id":"argocd-promoteFull-'
  .. obj.metadata.resourceVersion
  .. '","action":"promoteFull","by":"Argo CD","reason":"asked for by an action in Argo CD"}'
obj.metadata.annotations = annotations
return obj
