import json
from wit_world import exports


class Run(exports.Run):
    def run(self) -> None:
        squares = {str(n): n * n for n in range(5)}
        print("hello from Python:", json.dumps(squares))
