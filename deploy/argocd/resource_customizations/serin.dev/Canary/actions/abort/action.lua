-- Serin takes the annotation away once it has answered, so that the next abort counts too.
local annotations = obj.metadata.annotations or {}
annotations["serin.dev/abort"] = "asked for by an action in Argo CD"
obj.metadata.annotations = annotations
return obj
