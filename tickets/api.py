"""The REST API: tickets and replies, through the same actions and the same door as the pages."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError as Refusal
from django.shortcuts import get_object_or_404
from django.utils import timezone
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.exceptions import ValidationError
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from plans import choices
from plans.models import Category
from sla.models import Clock
from supportdesk.accounts.models import EnvironmentKind, Membership, Project
from supportdesk.accounts.tokens import HasScope, MemberSession, TokenAuthentication
from tickets import actions, listing, queries
from tickets.models import Message, Ticket
from tickets.models.message import MessageChannel

PAGE = 50


class ClockSerializer(serializers.ModelSerializer[Clock]):
    class Meta:
        model = Clock
        fields = (
            "metric", "audience", "promise", "started_at", "due_at", "paused_at", "breached_at", "settled_at", "outcome"
        )  # fmt: skip


class TicketSerializer(serializers.ModelSerializer[Ticket]):
    """A ticket as lists show it."""

    priority = serializers.CharField(source="priority.code")
    organization = serializers.CharField(source="organization.slug")
    project = serializers.CharField(source="project.slug")
    requester = serializers.EmailField(source="requester.user.email")
    assignee = serializers.EmailField(source="assignee.user.email", default=None)

    class Meta:
        model = Ticket
        fields = (
            "number", "subject", "state", "priority", "organization", "project", "environment", "requester",
            "assignee", "is_shared", "received_at", "updated_at", "resolved_at",
        )  # fmt: skip


class MessageSerializer(serializers.ModelSerializer[Message]):
    author = serializers.CharField(source="author.name", default=None)

    class Meta:
        model = Message
        fields = ("id", "kind", "channel", "author", "body", "created_at")


class TicketDetailSerializer(TicketSerializer):
    """A ticket with its conversation and the clocks that the reader may see."""

    messages = MessageSerializer(many=True)
    clocks = ClockSerializer(many=True)

    class Meta(TicketSerializer.Meta):
        fields = (*TicketSerializer.Meta.fields, "messages", "clocks")  # type: ignore[assignment]


class NewTicketSerializer(serializers.Serializer[Any]):
    """What filing a ticket takes. ``submission`` makes a repeat harmless."""

    project = serializers.SlugField()
    organization = serializers.SlugField(required=False, help_text="For staff: whose project it is.")
    requester = serializers.EmailField(required=False, help_text="For staff: the customer.")
    priority = serializers.CharField(max_length=31)
    subject = serializers.CharField(max_length=200)
    body = serializers.CharField(max_length=200_000)
    category = serializers.SlugField(required=False)
    environment = serializers.ChoiceField(choices=EnvironmentKind.choices, required=False, default="production")
    is_shared = serializers.BooleanField(required=False, default=False)
    submission = serializers.UUIDField(required=False)


class ReplySerializer(serializers.Serializer[Any]):
    body = serializers.CharField(max_length=200_000)


class TicketPageSerializer(serializers.Serializer[Any]):
    results = TicketSerializer(many=True)
    next = serializers.CharField(allow_blank=True, help_text="Give it as `after` for the next page; empty on the last.")


class ForMembers(APIView):
    """Members of the vendor in the path, by session or token."""

    authentication_classes = (TokenAuthentication, MemberSession)
    permission_classes = (HasScope,)

    def member(self) -> Membership:
        membership: Membership = self.request._request.membership  # type: ignore[attr-defined]
        return membership

    def found(self, number: int) -> Ticket:
        return get_object_or_404(Ticket.objects.visible_to(self.member()).for_page(), number=number)


class Tickets(ForMembers):
    @extend_schema(
        operation_id="list_tickets", responses=TicketPageSerializer, parameters=[OpenApiParameter("after", str)]
    )
    def get(self, request: Request) -> Response:
        """The tickets you may see, newest first."""
        visible = Ticket.objects.visible_to(self.member())
        try:
            page = listing.ticket_list_page(visible, after=request.query_params.get("after", ""), size=PAGE)
        except ValueError as error:
            raise ValidationError({"after": ["Not a cursor that a page gave out."]}) from error
        return Response({"results": TicketSerializer(page.rows, many=True).data, "next": page.after})

    @extend_schema(operation_id="file_ticket", request=NewTicketSerializer, responses={201: TicketDetailSerializer})
    def post(self, request: Request) -> Response:
        """Files a ticket."""
        form = NewTicketSerializer(data=request.data)
        form.is_valid(raise_exception=True)
        ticket = _file(self.member(), form.validated_data)
        return Response(_detail(ticket, self.member()), status=201)


class OneTicket(ForMembers):
    @extend_schema(operation_id="read_ticket", responses=TicketDetailSerializer)
    def get(self, request: Request, number: int) -> Response:
        """One ticket with its conversation and clocks."""
        return Response(_detail(self.found(number), self.member()))


class Replies(ForMembers):
    @extend_schema(operation_id="reply", request=ReplySerializer, responses={201: MessageSerializer})
    def post(self, request: Request, number: int) -> Response:
        """A public reply."""
        form = ReplySerializer(data=request.data)
        form.is_valid(raise_exception=True)
        body, by = form.validated_data["body"], self.member()
        try:
            message = actions.reply(self.found(number), by=by, at=timezone.now(), body=body, channel=MessageChannel.API)
        except Refusal as error:
            raise ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages) from error
        return Response(MessageSerializer(message).data, status=201)


def _file(by: Membership, data: dict[str, Any]) -> Ticket:
    projects = Project.objects.open_to(by).filter(slug=data["project"], is_active=True)
    requester = by
    if by.is_staff_side:
        projects = projects.filter(organization__slug=data.get("organization", ""))
        people = Membership.objects.filter(user__email=data.get("requester", ""), organization__isnull=False)
        requester = _one(people, "requester", "No customer has this e-mail address.")
    try:
        return actions.open_ticket(
            by=by,
            at=timezone.now(),
            requester=requester,
            project=_one(projects, "project", "No project of yours has this slug."),
            priority=_one(choices.customer_priorities().filter(code=data["priority"]), "priority", "Unknown priority."),
            category=_one(Category.objects.offered().filter(slug=data["category"]), "category", "Unknown category.")
            if data.get("category")
            else None,
            subject=data["subject"],
            body=data["body"],
            environment=data["environment"],
            is_shared=data["is_shared"],
            submission=data.get("submission"),
            channel=MessageChannel.API,
        )
    except Refusal as error:
        raise ValidationError(error.message_dict if hasattr(error, "error_dict") else error.messages) from error


def _one(rows: Any, field: str, problem: str) -> Any:
    found = rows.first()
    if found is None:
        raise ValidationError({field: [problem]})
    return found


def _detail(ticket: Ticket, who: Membership) -> dict[str, Any]:
    clocks = Clock.objects.filter(ticket=ticket).shown().order_by("started_at", "id")
    return TicketSerializer(ticket).data | {
        "messages": MessageSerializer(
            [entry.message for entry in queries.conversation(ticket, who) if entry.message is not None], many=True
        ).data,
        "clocks": ClockSerializer(clocks.for_customers() if who.is_customer_side else clocks, many=True).data,
    }
