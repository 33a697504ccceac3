"""The story: each step with its explanation, its command and the expected result."""

import json

from scripts.dev.loop_demo.step import Chapter, Step

REFUSED = 2  # exit code of `train`, `gate` and `promote`
SWAP_S = 10  # every worker serves a new champion within this time
WAIT_S = 60  # on a busy machine
PROFILE = "--profile smoke"
# Both words with a sentiment are bad ones: a model of single words calls it negative.
TEXT = "There is nothing boring about the plot. The acting is never dull."
PLOTS = ("confusion_matrix.png", "calibration.png")
PREDICT = (
    "curl -s {url}/api/v1/predict/ -H 'Content-Type: application/json' "
    f"-d '{json.dumps({'text': TEXT})}'"
)
COMMIT_DATA = (
    "git add data/report.md data/train.json && "
    'git commit -q -m "Train on dataset version {n}" '
    "data/train.csv.dvc data/train.json data/report.md && git log --oneline"
)


def commit_data(n: int) -> str:
    return COMMIT_DATA.replace("{n}", str(n))


def serves(name: str, prose: str, version: str, label: str, page: str = "") -> Step:
    return Step(
        name=name,
        title="Ask the site",
        prose=prose,
        command=PREDICT,
        expected={"model_version": version, "label": label},
        within_s=WAIT_S,
        pages={page: "/try/"} if page else {},
    )


SET_UP = Chapter(
    "A site and its data",
    (
        Step(
            "commit",
            "Put the code under version control",
            "The demo works in a copy of the code with a git history of its own. Every release "
            "will name the commit of its code, so commit first.",
            "git init -q && git add . && git commit -q -m 'The code' && git log --oneline",
        ),
        Step(
            "database",
            "Create the database",
            "`make run` does this on a real site: it creates the tables and adds movies with a few "
            "reviews. A real site also starts with a trained model. Here PRETRAINED_MODEL names a "
            "folder without one, because no model of generated reviews beats the shipped model "
            "(the error line reports it).",
            "cat .env && python -m scripts.dev.prepare",
        ),
        Step(
            "corpus",
            "Get labelled reviews",
            "A real site trains on 50,000 reviews from IMDb (data/README.md). This demo makes up "
            "its own: praise, complaints, negations and plots from a small grammar.",
            "python -m scripts.dev.loop_demo.corpus data/full_dataset.csv --reviews 11000 "
            "--vocabulary 0.5 && head -n 4 data/full_dataset.csv",
        ),
        Step(
            "dataset-1",
            "Build dataset version 1",
            "A dataset version is a fixed part of all reviews: copies and unusable rows are left "
            "out, and the same source gives the same file on every machine.",
            "python manage.py dataset 1",
        ),
        Step(
            "push-1",
            "Store the data with DVC",
            "The file is too large for git. `dvc add` writes its hash to a small file that git "
            "keeps, `dvc push` copies the file to the remote: here a folder, elsewhere S3 or SSH.",
            "dvc add --quiet data/train.csv && dvc push && cat data/train.csv.dvc",
        ),
        Step(
            "commit-1",
            "Commit the dataset version",
            "From now on this commit names its code and its data.",
            commit_data(1),
        ),
        Step(
            "remember-commit",
            "Note the commit",
            "The last chapter returns to it.",
            "git rev-parse HEAD",
            keep_as="commit_1",
        ),
        Step(
            "remember-md5",
            "Note the hash of the data",
            "The file must be the same, byte for byte, when it comes back.",
            "md5sum data/train.csv",
            keep_as="md5_1",
        ),
    ),
)

FIRST_MODEL = Chapter(
    "The first model",
    (
        Step(
            "train-1",
            "Train",
            "One command checks the data, holds out one movie in ten, trains, measures the model "
            "on the movies it has not seen, logs the run with MLflow and registers a release.",
            f"python manage.py train --algorithm logistic --no-gate {PROFILE}",
            plots=PLOTS,
        ),
        Step(
            "gate-1",
            "Check it with the gate",
            "The gate decides whether a release may serve. Its smoke profile has low bounds, "
            "for small data like this; a real site uses the default profile.",
            f"python manage.py gate {PROFILE}",
        ),
        Step(
            "promote-1",
            "Promote it",
            "The release becomes the champion: the model that serves.",
            "python manage.py promote 1 --reason 'The first model'",
        ),
        Step(
            "score-pending",
            "Score the waiting reviews",
            "The reviews in the database were written before there was a model. No text is lost: "
            "they were stored as unread, and get their label now.",
            "python manage.py score_pending",
        ),
        Step(
            "serve",
            "Start the site",
            "The web server loads the champion and keeps running until the end of the demo.",
            "BIND=127.0.0.1:{port} gunicorn",
            is_server=True,
        ),
        serves(
            "ask-1",
            "The model weighs single words. It knows that “boring” is bad, and does not "
            "understand “nothing boring”.",
            "1",
            "negative",
            "try-1",
        ),
    ),
)

ALGORITHM = Chapter(
    "Another algorithm",
    (
        Step(
            "train-2",
            "Train a better algorithm",
            "nb-logistic also reads pairs and triples of words, such as “nothing boring about”. "
            "`--promote` makes one command of the three above. The gate's opponent is now the "
            "champion: both label the held-out reviews and the reference reviews, which no "
            "dataset contains.",
            f"python manage.py train --algorithm nb-logistic {PROFILE} --promote",
            plots=PLOTS,
        ),
        serves(
            "ask-2",
            f"Nothing was restarted: each worker loads a new champion within {SWAP_S} seconds. "
            "The same text has another label now.",
            "2",
            "positive",
            "try-2",
        ),
        Step(
            "weak",
            "Try a bad idea",
            "A model of only 100 words is worse than the champion, and still good enough for the "
            "smoke profile, which only reports the comparison. The promotion is refused "
            "nevertheless: of the reference reviews, the champion labels more correctly. Exit "
            "code 2 also stops a pipeline.",
            "python manage.py train --algorithm logistic --param max_features=100 "
            f"{PROFILE} --promote",
            exit_code=REFUSED,
        ),
    ),
)

DATA = Chapter(
    "More data",
    (
        Step(
            "more-reviews",
            "Get more reviews",
            "More reviews have arrived, with words that the first ones did not contain.",
            "python -m scripts.dev.loop_demo.corpus data/full_dataset.csv --append "
            "--reviews 15000 --seed 1",
        ),
        Step(
            "dataset-2",
            "Build dataset version 2",
            "It has 25,000 reviews.",
            "python manage.py dataset 2",
        ),
        Step(
            "push-2",
            "Store and commit it",
            "A person decides that data is ready, so these commands are not automatic. In CI, the "
            "push of this commit would start the training.",
            "dvc add --quiet data/train.csv && dvc push && " + commit_data(2),
        ),
        Step(
            "train-4",
            "Run the pipeline",
            "dvc.yaml has the stages that CI runs: check the data, train, gate. `-S` changes "
            "params.yaml, which is made for the real data: the demo has no unlabelled reviews, "
            "and skips the second fit on all reviews to save time.",
            "dvc exp run -S train.algorithm=nb-logistic -S train.unlabelled=false "
            "-S train.refit=false -S gate.profile=smoke",
            plots=PLOTS,
        ),
        Step(
            "commit-4",
            "Commit the result",
            "dvc.lock and metrics/ describe what was trained on which data. DVC compares them "
            "between commits.",
            "git add params.yaml dvc.lock metrics && git commit -q -m 'Train release 4' && "
            "dvc params diff HEAD~1",
        ),
        Step(
            "promote-4",
            "Promote it",
            "Experiments are releases like all others: the gate has checked this one.",
            "python manage.py promote 4 --reason 'Dataset version 2'",
        ),
        serves("ask-4", "The site serves release 4.", "4", "positive"),
        Step(
            "datasets",
            "List the dataset versions",
            "Each version with its commit, and the releases that were trained on it. The first "
            "one is the dataset of the shipped model, whose file is not here.",
            "python manage.py dataset --list",
        ),
    ),
)

BAD_DATA = Chapter(
    "Bad data",
    (
        Step(
            "bad-corpus",
            "Receive a bad file",
            "In this delivery of 3,000 reviews, someone swapped “positive” and “negative”.",
            "python -m scripts.dev.loop_demo.corpus data/delivery.csv --reviews 3000 --seed 2 "
            "--swap-labels && head -n 4 data/delivery.csv",
        ),
        Step(
            "bad-data",
            "Train on it",
            "A model of these labels would look excellent on held-out reviews of the same file. "
            "The labels are therefore compared with what the serving model is sure of. Too many "
            "contradictions end the training before it begins, with the rows to check.",
            f"python manage.py train --dataset data/delivery.csv {PROFILE} --promote",
            exit_code=REFUSED,
        ),
        serves("ask-after-bad-data", "Visitors notice nothing.", "4", "positive"),
    ),
)

WAY_BACK = Chapter(
    "The way back",
    (
        Step(
            "rollback",
            "Roll back",
            "Suppose that visitors complain about release 4. One command makes the previous "
            "champion serve again.",
            "python manage.py rollback --reason 'Complaints about release 4'",
        ),
        serves("ask-rollback", "The running site follows, as for a promotion.", "2", "positive"),
        Step(
            "models",
            "See the history",
            "Every release names its data, its commit, its run, and who promoted it when.",
            "python manage.py models",
        ),
        Step(
            "checkout",
            "Return to the first dataset version",
            "git restores the small file with the hash, DVC the data with that hash.",
            "git checkout -q {commit_1} && dvc checkout",
        ),
        Step(
            "same-md5",
            "Compare the hash",
            "The file is the one that release 1 was trained on, byte for byte.",
            "md5sum data/train.csv",
            same_as="md5_1",
        ),
        Step(
            "return",
            "Return to the present",
            "The same two commands lead back to version 2.",
            "git checkout -q main && dvc checkout",
            pages={"model": "/model/"},
        ),
    ),
)

STORY = (SET_UP, FIRST_MODEL, ALGORITHM, DATA, BAD_DATA, WAY_BACK)
