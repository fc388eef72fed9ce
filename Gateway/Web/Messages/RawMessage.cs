using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;
using Microsoft.AspNetCore.Http;
using Orleans.Runtime;

namespace AMA.Gateway.Web.Messages;

/// <summary>Sends a message's pieces on as they come.</summary>
internal sealed class RawMessage(RecordId id, IAsyncEnumerable<RawPiece> pieces)
    : PieceAnswer(RawMessage.MediaType, RawMessage.Disposition(id), pieces)
{
    public const string MediaType = "message/rfc822";

    /// <summary>
    /// RFC 6266. The name is made from our id alone: no header of the mail, which a stranger wrote, gets into ours.
    /// </summary>
    public static string Disposition(RecordId id) => $"attachment; filename=\"{id}.eml\"";
}

/// <summary>Sends pieces on as they come: one in flight, one read ahead, however many.</summary>
internal class PieceAnswer(string contentType, string disposition, IAsyncEnumerable<RawPiece> pieces) : IResult
{
    /// <summary>
    /// Pieces of 128 KiB that travel together: Orleans would take a hundred, and a slow reader could leave an
    /// enumeration unasked for longer than it lives.
    /// </summary>
    private const int PiecesTogether = 4;

    public async Task ExecuteAsync(HttpContext context)
    {
        var gone = context.RequestAborted;
        await using var piece = pieces.WithBatchSize(PiecesTogether).GetAsyncEnumerator(gone);
        // The first piece before the headers: a refusal (404, 423) must still be able to become the answer.
        var current = await NextAsync(piece);
        var next = current is null ? null : await NextAsync(piece);

        var response = context.Response;
        response.ContentType = contentType;
        response.Headers.ContentDisposition = disposition;
        if (next is null) response.ContentLength = current?.Length ?? 0;
        for (; current is not null; current = next, next = next is null ? null : await NextAsync(piece))
            await response.Body.WriteAsync(current, gone);
    }

    private static async ValueTask<byte[]?> NextAsync(IAsyncEnumerator<RawPiece> pieces) =>
        await pieces.MoveNextAsync() ? pieces.Current.Bytes : null;
}
