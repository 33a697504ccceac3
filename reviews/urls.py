from django.urls import path

from reviews.pages.feedback_views import (
    DisputeReview,
    ReportReview,
    SettleOwnLabel,
    WithdrawDispute,
)
from reviews.pages.own_views import EditReview, MyReviews, WithdrawReview
from reviews.pages.views import ReviewCreate, ReviewPage

app_name = "reviews"
urlpatterns = [
    path("movies/<slug:slug>/review/", ReviewCreate.as_view(), name="create"),
    path("reviews/<int:pk>/", ReviewPage.as_view(), name="detail"),
    path("reviews/mine/", MyReviews.as_view(), name="mine"),
    path("reviews/<int:pk>/edit/", EditReview.as_view(), name="edit"),
    path("reviews/<int:pk>/withdraw/", WithdrawReview.as_view(), name="withdraw"),
    path("reviews/<int:pk>/label/", SettleOwnLabel.as_view(), name="settle-own-label"),
    path("reviews/<int:pk>/dispute/", DisputeReview.as_view(), name="dispute"),
    path("reviews/<int:pk>/dispute/withdraw/", WithdrawDispute.as_view(), name="withdraw-dispute"),
    path("reviews/<int:pk>/report/", ReportReview.as_view(), name="report"),
]
