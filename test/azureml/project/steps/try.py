import sys
from pathlib import Path

import mlflow

depth = int(sys.argv[1])
mlflow.log_metric("accuracy", depth / 10)
(Path(sys.argv[2]) / "model.txt").write_text(str(depth))
