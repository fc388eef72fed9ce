using System.IO.Pipelines;
using System.Security.Cryptography;
using System.Text;
using AMA.Archive.Keys.Recovery;
using AMA.Archive.Sealing;
using AMA.Grains.Control.Audit;
using AMA.Grains.Control.Survival;
using AMA.Grains.Interfaces.Control;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace AMA.Silo.Control.Admin;

/// <param name="Checksums">Of all shares, in their order.</param>
public sealed record ChecksumsBody(string[] Checksums);

/// <summary>
/// POST /v1/recovery/begin (the shares, text, one a line), /v1/recovery/confirm (their checksums) and
/// /v1/recovery/drill (three shares, text, one a line).
/// </summary>
internal sealed class RecoveryRoutes(AdminGate gate, RecoveryDesk desk) : IAdminRoutes
{
    public void Map(IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/recovery/begin", BeginAsync);
        routes.MapPost("/v1/recovery/confirm", ConfirmAsync);
        routes.MapPost("/v1/recovery/drill", DrillAsync);
        routes.MapPost("/v1/recovery/restore", _ => throw new ControlException(
            ControlRefusal.Conflict, "Control runs, so there is nothing to restore: ama control status says how it is."));
    }

    private async Task BeginAsync(HttpContext context)
    {
        await gate.AdmitAsync(context, AuditAct.RecoveryCreation);
        context.Response.ContentType = "text/plain";
        foreach (var share in desk.Begin())
        {
            using (share)
            using (var text = share.Text())
            {
                Write(context.Response.BodyWriter, text.Span);
            }
        }
        await context.Response.BodyWriter.FlushAsync(context.RequestAborted);
    }

    private static void Write(PipeWriter writer, ReadOnlySpan<byte> line)
    {
        var room = writer.GetSpan(line.Length + 1);
        line.CopyTo(room);
        room[line.Length] = (byte)'\n';
        writer.Advance(line.Length + 1);
    }

    private async Task ConfirmAsync(HttpContext context)
    {
        var body = await context.Request.ReadFromJsonAsync<ChecksumsBody>(context.RequestAborted);
        await gate.AdmitAsync(context, AuditAct.RecoveryCreation);
        await desk.ConfirmAsync(body?.Checksums ?? [], context.RequestAborted);
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    private async Task DrillAsync(HttpContext context)
    {
        var shares = await ReadSharesAsync(context);
        try
        {
            await gate.AdmitAsync(context, AuditAct.RecoveryDrill);
            await desk.DrillAsync(shares, context.RequestAborted);
        }
        finally
        {
            foreach (var share in shares) share.Dispose();
        }
        context.Response.StatusCode = StatusCodes.Status204NoContent;
    }

    /// <summary>One share a line, as it was typed; the caller disposes of them.</summary>
    internal static async Task<List<RecoveryShare>> ReadSharesAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body, context.RequestAborted);
        var bytes = body.GetBuffer().AsSpan(0, (int)body.Length);
        var typed = new char[Encoding.UTF8.GetMaxCharCount(bytes.Length)];
        var shares = new List<RecoveryShare>();
        try
        {
            ReadOnlySpan<char> text = typed.AsSpan(0, Encoding.UTF8.GetChars(bytes, typed));
            foreach (var line in text.EnumerateLines())
                if (!line.IsWhiteSpace()) shares.Add(RecoveryShare.Parse(line));
            return shares;
        }
        catch (SealException fault)
        {
            foreach (var share in shares) share.Dispose();
            throw new ControlException(ControlRefusal.Invalid, $"Share {shares.Count + 1}: {fault.Message}.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bytes);
            Array.Clear(typed);
        }
    }
}
