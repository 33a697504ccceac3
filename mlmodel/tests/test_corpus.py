import gzip

import pytest

from mlmodel.sentiment.data.corpus import (
    grouped_split,
    read_corpus,
    read_unlabelled,
    text_key,
)
from mlmodel.sentiment.errors import CorpusError
from mlmodel.tests.labelled import labelled_rows, write_csv


@pytest.fixture
def read(tmp_path):
    def _read(rows):
        return read_corpus(write_csv(tmp_path / "reviews.csv", rows))

    return _read


def test_reviews_come_back_in_order_with_labels_and_movies(read):
    corpus = read(labelled_rows(4, n_movies=2))
    assert corpus.labels.tolist() == [True, False, True, False]
    assert corpus.movies == ["tt0000000", "tt0000000", "tt0000001", "tt0000001"]
    assert corpus.texts[2].startswith("Evening 2")


def test_a_compressed_file_reads_like_a_plain_one(tmp_path):
    plain = write_csv(tmp_path / "reviews.csv", labelled_rows(4))
    packed = tmp_path / "reviews.csv.gz"
    packed.write_bytes(gzip.compress(plain.read_bytes()))
    assert read_corpus(packed).texts == read_corpus(plain).texts


def test_a_byte_order_mark_is_not_part_of_the_first_column(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text("\ufeffreview,sentiment\nFine.,positive\n", encoding="utf-8")
    assert read_corpus(path).texts == ["Fine."]


@pytest.mark.parametrize(
    ("content", "complaint"),
    [
        (b"", "no column review and no sentiment"),
        (b"text,sentiment\nFine.,positive\n", "no column review .found: text, sentiment"),
        (b"review,sentiment\n", "no rows"),
        (b"review,sentiment\nFine.,positive\nSo so.,meh\n", "row 3: sentiment is 'meh'"),
        (b"review,sentiment\n <br /> ,positive\n", "row 2: the review is empty"),
        (b"review,sentiment\nFine.,positive,7\n", "row 2: does not have as many fields"),
        (b"review,sentiment\n\xff\xfe,positive\n", "not text in UTF-8"),
        (b"review,sentiment\n" + b"x" * 200_000 + b",positive\n", "field larger than field limit"),
    ],
)
def test_message_names_the_fault_of_unusable_data(tmp_path, content, complaint):
    path = tmp_path / "reviews.csv"
    path.write_bytes(content)
    with pytest.raises(CorpusError, match=complaint):
        read_corpus(path)


def test_a_damaged_archive_is_refused(tmp_path):
    path = tmp_path / "reviews.csv.gz"
    path.write_bytes(gzip.compress(b"review,sentiment\n" * 99)[:-12])
    with pytest.raises(CorpusError, match="cannot be read"):
        read_corpus(path)


def test_no_movie_is_on_both_sides_of_the_split(read):
    train, held_out = grouped_split(read(labelled_rows(400, n_movies=50)), seed=1, share=0.3)
    assert not set(train.movies) & set(held_out.movies)
    assert 0.15 < len(held_out) / 400 < 0.45


def test_no_text_is_on_both_sides_of_the_split_even_with_two_movies(read):
    rows = labelled_rows(100, n_movies=50)
    copies = [{**row, "imdb_id": f"tt9{i:06d}"} for i, row in enumerate(rows)]
    train, held_out = grouped_split(read([*rows, *copies]), seed=1, share=0.5)
    assert not {*map(text_key, train.texts)} & {*map(text_key, held_out.texts)}


def test_both_classes_are_held_out_of_the_smallest_corpus(read):
    for seed in range(20):
        train, held_out = grouped_split(read(labelled_rows(20)), seed=seed)
        assert set(train.labels) == set(held_out.labels) == {True, False}


def test_held_out_movies_stay_held_out_when_the_data_grows(read):
    _, earlier = grouped_split(read(labelled_rows(200, n_movies=100)), seed=3)
    train, _ = grouped_split(read(labelled_rows(400, n_movies=200)), seed=3)
    assert not set(earlier.movies) & set(train.movies)


def test_one_movie_alone_cannot_be_split(read):
    with pytest.raises(CorpusError, match="1 movies are too few"):
        grouped_split(read(labelled_rows(40, n_movies=1)), seed=0)


def test_unlabelled_reviews_of_labelled_movies_and_copies_are_left_out(tmp_path):
    rows = labelled_rows(30, n_movies=5)
    corpus = read_corpus(write_csv(tmp_path / "train.csv", rows))
    others = [
        {"review": "New words of a known movie.", "sentiment": "", "imdb_id": rows[0]["imdb_id"]},
        {"review": rows[1]["review"].upper(), "sentiment": "", "imdb_id": ""},
        {"review": "New words of a new movie.", "sentiment": "", "imdb_id": "tt7777777"},
    ]
    path = write_csv(tmp_path / "unlabelled.csv", others)
    assert read_unlabelled(path, besides=corpus) == ["New words of a new movie."]


def test_unlabelled_reviews_must_be_new(tmp_path):
    path = write_csv(tmp_path / "train.csv", labelled_rows(30))
    with pytest.raises(CorpusError, match="no review that the labelled data does not have"):
        read_unlabelled(path, besides=read_corpus(path))


def test_the_key_of_a_review_is_the_one_that_the_committed_dataset_was_built_with():
    # Another key puts the same reviews into another order: the committed md5 would not come back.
    key = text_key("<br />An “Unforgettable”  Film’s\tend, isn`t it?<BR> ÉTÉ")
    assert key == "an “unforgettable” film's end, isn`t it? été"
