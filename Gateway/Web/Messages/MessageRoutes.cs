using AMA.Archive.Ids;
using AMA.Gateway.Web.Clusters;
using AMA.Gateway.Web.Documentation;
using AMA.Gateway.Web.Problems;
using AMA.Gateway.Web.Session;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace AMA.Gateway.Web.Messages;

/// <summary>
/// Search and reading. The tenant is the session's and appears in no path; the back end checks the session again and
/// decides what its person may see.
/// </summary>
internal static class MessageRoutes
{
    public static void MapMessages(this IEndpointRouteBuilder routes)
    {
        var messages = routes.MapGroup("/messages").WithTags("Messages");
        messages.MapGet("", SearchAsync).WithName("Search").Answers(401, 403, 423, 503);
        messages.MapGet("/{id}", GetAsync).WithName("GetMessage").Answers(401, 403, 404, 423, 503);
        messages.MapGet("/{id}/raw", GetRawAsync).WithName("GetRawMessage")
            .Produces(StatusCodes.Status200OK, contentType: RawMessage.MediaType).Answers(401, 403, 404, 423, 503);
    }

    /// <summary>Search</summary>
    /// <remarks>
    /// Newest first. The query knows words, "phrases", AND, OR, NOT, parentheses, from: to: subject: body: filename:
    /// after: before: and date:FROM..TO; none at all finds everything this person may see.
    /// </remarks>
    /// <param name="q">The query, up to 2,000 characters.</param>
    /// <param name="limit">Messages a page, 1 to 100; 20 when left out.</param>
    /// <param name="cursor">The "next" of the page before; left out for the first page.</param>
    internal static async Task<Ok<MessageListShape>> SearchAsync(
        SessionToken session, IClusters clusters, string? q = null, string? limit = null, string? cursor = null)
    {
        var page = PageRequest.Read(q, limit, cursor);
        var search = clusters.Search(session.RequireTenant());
        var found = await search.Search(session.Text, page.Query, page.Limit, page.Cursor);
        return TypedResults.Ok(found.Shape());
    }

    /// <summary>Read a message</summary>
    /// <param name="id">The message's id, 32 hex digits.</param>
    internal static async Task<Ok<MessageShape>> GetAsync(string id, SessionToken session, IClusters clusters)
    {
        var search = clusters.Search(session.RequireTenant());
        var message = await search.Message(session.Text, ReadId(id).Value);
        return TypedResults.Ok(message.Shape());
    }

    /// <summary>Read a message's bytes</summary>
    /// <remarks>
    /// As they were received, byte for byte. A connection that breaks off is a failure: nothing is cut short silently.
    /// </remarks>
    /// <param name="id">The message's id, 32 hex digits.</param>
    internal static RawMessage GetRawAsync(string id, SessionToken session, IClusters clusters)
    {
        var record = ReadId(id);
        return new(record, clusters.Search(session.RequireTenant()).Raw(session.Text, record.Value));
    }

    /// <summary>What is no id is no message either: the same answer as for one that is missing or foreign.</summary>
    private static RecordId ReadId(string text) =>
        RecordId.TryParse(text, out var id) ? id : throw new ProblemException(Problem.NoSuchMessage);
}
