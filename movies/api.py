from typing import Any

from drf_spectacular.utils import extend_schema, extend_schema_view
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.viewsets import ReadOnlyModelViewSet

from movies.filters import MovieFilter
from movies.models import Movie
from movies.serializers import MovieSerializer, ScoreSerializer


@extend_schema_view(
    list=extend_schema(summary="List movies"), retrieve=extend_schema(summary="Get a movie")
)
class MovieViewSet(ReadOnlyModelViewSet):
    queryset = Movie.objects.freshest_first().prefetch_related("genres")
    serializer_class = MovieSerializer
    filterset_class = MovieFilter
    lookup_value_regex = "[0-9]+"

    @extend_schema(summary="Get a movie's freshness", responses=ScoreSerializer, filters=False)
    @action(
        detail=True,
        serializer_class=ScoreSerializer,
        queryset=Movie.objects.all(),
        filterset_class=None,
        pagination_class=None,
    )
    def score(self, request: Request, **kwargs: Any) -> Response:
        return Response(self.get_serializer(self.get_object()).data)
