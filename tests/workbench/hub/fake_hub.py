"""A small hub on this machine that answers what `huggingface_hub` asks for: repositories, trees, commits, tags, files."""

import base64
import hashlib
import json
import re
from dataclasses import dataclass, field

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

TOKEN = "hf_test"
NOWHERE = {"X-Error-Code": "RepoNotFound", "X-Error-Message": "Repository not found"}


@dataclass
class Repository:
    """Files by name, as they are in the main branch and as tags name them."""

    private: bool
    files: dict[str, bytes] = field(default_factory=lambda: {".gitattributes": b"*.png -text\n"})
    tags: dict[str, dict[str, bytes]] = field(default_factory=dict)
    commits: list[str] = field(default_factory=list)

    def at(self, revision: str) -> dict[str, bytes] | None:
        return self.files if revision in ("main", self.commit) else self.tags.get(revision) or self._named(revision)

    def _named(self, commit: str) -> dict[str, bytes] | None:
        return next((files for files in self.tags.values() if commit_of(files) == commit), None)

    @property
    def commit(self) -> str:
        return commit_of(self.files)


def commit_of(files: dict[str, bytes]) -> str:
    known = sorted((name, len(content), hash(content)) for name, content in files.items())  # a bytes object keeps its hash
    return hashlib.sha1(repr(known).encode()).hexdigest()


def blob_id(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


class FakeHub:
    """Repositories in memory; `fail_after` commits it answers no more, as a network that breaks."""

    def __init__(self):
        self.repositories: dict[tuple[str, str], Repository] = {}
        self.fail_after: int | None = None

    def app(self) -> Starlette:
        api = "/api/{kind}s/{owner}/{name}"
        return Starlette(
            routes=[
                Route("/api/validate-yaml", lambda _request: JSONResponse({"errors": [], "warnings": []}), methods=["POST"]),
                Route("/api/repos/create", self.create, methods=["POST"]),
                Route(f"{api}/revision/{{revision:path}}", self.info),
                Route(f"{api}/tree/{{revision}}", self.tree),
                Route(f"{api}/refs", self.refs),
                Route(f"{api}/preupload/{{revision}}", self.preupload, methods=["POST"]),
                Route(f"{api}/commit/{{revision}}", self.commit, methods=["POST"]),
                Route(f"{api}/tag/{{revision}}", self.tag, methods=["POST"]),
                Route(api, self.info),
                Route("/{owner}/{name}/resolve/{revision}/{path:path}", self.file, methods=["GET", "HEAD"]),
                Route("/{kind}s/{owner}/{name}/resolve/{revision}/{path:path}", self.file, methods=["GET", "HEAD"]),
            ]
        )

    def _found(self, request: Request) -> Repository | None:
        kind = request.path_params.get("kind", "model")
        return self.repositories.get((kind, f"{request.path_params['owner']}/{request.path_params['name']}"))

    async def create(self, request: Request) -> Response:
        if request.headers.get("authorization") != f"Bearer {TOKEN}":
            return JSONResponse({"error": "Invalid username or password."}, 401)
        asked = await request.json()
        name = f"{asked.get('organization')}/{asked['name']}"
        key = (asked.get("type", "model"), name)
        private = asked.get("private") or asked.get("visibility") == "private"
        if key in self.repositories:
            return JSONResponse({"error": "You already created this repo", "url": f"{request.base_url}{name}"}, 409)
        self.repositories[key] = Repository(bool(private))
        prefix = "datasets/" if key[0] == "dataset" else ""
        return JSONResponse({"url": f"{str(request.base_url).rstrip('/')}/{prefix}{name}", "name": name})

    async def info(self, request: Request) -> Response:
        found = self._found(request)
        revision = request.path_params.get("revision", "main")
        files = found.at(revision) if found else None
        if found is None:
            return JSONResponse({"error": "Repository not found"}, 404, NOWHERE)
        if files is None:
            return JSONResponse({"error": "Invalid rev id"}, 404, {"X-Error-Code": "RevisionNotFound"})
        told = {"id": f"{request.path_params['owner']}/{request.path_params['name']}", "sha": commit_of(files), "private": found.private}
        return JSONResponse(told | {"siblings": [{"rfilename": name} for name in files], "tags": []})

    async def tree(self, request: Request) -> Response:
        found = self._found(request)
        files = found.at(request.path_params["revision"]) if found else None
        if found is None:
            return JSONResponse({"error": "Repository not found"}, 404, NOWHERE)
        if files is None:
            return JSONResponse({"error": "Invalid rev id"}, 404, {"X-Error-Code": "RevisionNotFound"})
        rows = [{"type": "file", "path": name, "size": len(content), "oid": blob_id(content)} for name, content in files.items()]
        return JSONResponse(rows)

    async def refs(self, request: Request) -> Response:
        found = self._found(request)
        assert found is not None
        tags = [{"name": name, "ref": f"refs/tags/{name}", "targetCommit": commit_of(files)} for name, files in found.tags.items()]
        return JSONResponse(
            {"branches": [{"name": "main", "ref": "refs/heads/main", "targetCommit": found.commit}], "converts": [], "tags": tags}
        )

    async def preupload(self, request: Request) -> Response:
        asked = await request.json()
        return JSONResponse({"files": [{"path": one["path"], "uploadMode": "regular", "shouldIgnore": False} for one in asked["files"]]})

    async def commit(self, request: Request) -> Response:
        found = self._found(request)
        assert found is not None
        if self.fail_after is not None and len(found.commits) >= self.fail_after:
            return JSONResponse({"error": "The hub is out of breath"}, 400)
        for line in (await request.body()).splitlines():
            told = json.loads(line)
            value = told["value"]
            if told["key"] == "file":
                found.files[value["path"]] = base64.b64decode(value["content"])
            elif told["key"] == "deletedFile":
                del found.files[value["path"]]
            elif told["key"] == "header":
                found.commits.append(value["summary"])
        parts = request.path_params
        place = f"{'datasets/' if parts['kind'] == 'dataset' else ''}{parts['owner']}/{parts['name']}"
        url = f"{str(request.base_url).rstrip('/')}/{place}/commit/{found.commit}"
        return JSONResponse({"success": True, "commitOid": found.commit, "commitUrl": url, "hookOutput": ""})

    async def tag(self, request: Request) -> Response:
        found = self._found(request)
        assert found is not None
        name = (await request.json())["tag"]
        if name in found.tags:
            return JSONResponse({"error": "Tag reference exists already"}, 409)
        found.tags[name] = dict(found.files)
        return JSONResponse({})

    async def file(self, request: Request) -> Response:
        found = self._found(request)
        files = found.at(request.path_params["revision"]) if found else None
        if files is None or request.path_params["path"] not in files:
            return JSONResponse({"error": "Entry not found"}, 404, {"X-Error-Code": "EntryNotFound"})
        content = files[request.path_params["path"]]
        headers = {"ETag": f'"{blob_id(content)}"', "X-Repo-Commit": commit_of(files), "Accept-Ranges": "bytes"}
        begun = re.fullmatch(r"bytes=(\d+)-", request.headers.get("range", ""))
        if begun:
            headers["Content-Range"] = f"bytes {begun[1]}-{len(content) - 1}/{len(content)}"
            return Response(content[int(begun[1]) :], 206, headers, "application/octet-stream")
        return Response(content, 200, headers, "application/octet-stream")
