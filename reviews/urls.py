from django.urls import path

from reviews.feedback_views import DisputeReview, ReportReview, WithdrawDispute
from reviews.views import ReviewCreate, ReviewPage

app_name = "reviews"
urlpatterns = [
    path("movies/<slug:slug>/review/", ReviewCreate.as_view(), name="create"),
    path("reviews/<int:pk>/", ReviewPage.as_view(), name="detail"),
    path("reviews/<int:pk>/dispute/", DisputeReview.as_view(), name="dispute"),
    path("reviews/<int:pk>/dispute/withdraw/", WithdrawDispute.as_view(), name="withdraw-dispute"),
    path("reviews/<int:pk>/report/", ReportReview.as_view(), name="report"),
]
