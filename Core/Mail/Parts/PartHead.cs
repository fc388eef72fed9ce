using AMA.Mail.Headers;
using MimeKit;

namespace AMA.Mail.Parts;

/// <summary>What a part says it is (RFC 2045, RFC 2183), with the defaults where it says nothing readable.</summary>
internal sealed record PartHead
{
    /// <summary>Lower case, without parameters.</summary>
    public required string ContentType { get; init; }
    public string? Boundary { get; init; }
    public string? Charset { get; init; }

    /// <summary>Lower case; empty when not given.</summary>
    public string Encoding { get; init; } = "";
    public bool SaysAttachment { get; init; }
    public string FileName { get; init; } = "";

    public bool IsMultipart => ContentType.StartsWith("multipart/", StringComparison.Ordinal);
    public bool IsMessage => ContentType is "message/rfc822" or "message/global" or "message/news";
    public bool IsHtml => ContentType is "text/html" or "application/xhtml+xml";

    /// <summary>Reports (RFC 3464, RFC 8098, RFC 5965) are readable text, whatever their type.</summary>
    public bool IsText => ContentType.StartsWith("text/", StringComparison.Ordinal)
        || ContentType is "message/delivery-status" or "message/disposition-notification" or "message/feedback-report"
            or "message/global-delivery-status";

    public bool IsEncrypted => ContentType is "application/pkcs7-mime" or "application/x-pkcs7-mime"
        or "application/pgp-encrypted" or "multipart/encrypted";

    /// <param name="standard">The type of a part that names none: text/plain, or message/rfc822 in a digest.</param>
    public static PartHead Read(byte[] bytes, HeaderBlock block, WalkBudget budget, string standard)
    {
        HeaderField? Field(string name) =>
            block.First(name) is { } field && budget.TakeField(field.Length) ? field : null;

        ContentType? type = null;
        ContentDisposition? disposition = null;
        if (Field("Content-Type") is { } t)
            MimeKit.ContentType.TryParse(FieldText.Lenient, bytes, t.Start, t.Length, out type);
        if (Field("Content-Disposition") is { } d)
            ContentDisposition.TryParse(FieldText.Lenient, bytes, d.Start, d.Length, out disposition);
        return new()
        {
            ContentType = type is null ? standard : type.MimeType.ToLowerInvariant(),
            Boundary = type?.Boundary,
            Charset = type?.Charset,
            Encoding = Field("Content-Transfer-Encoding") is { } e ? FirstWord(FieldText.Decode(bytes, e)) : "",
            SaysAttachment = disposition?.IsAttachment ?? false,
            FileName = Bare(disposition?.FileName ?? type?.Name ?? ""),
        };
    }

    private static string FirstWord(string text)
    {
        var end = text.AsSpan().IndexOfAny(" ;(");
        return (end < 0 ? text : text[..end]).ToLowerInvariant();
    }

    /// <summary>A name from a message is only ever a label: any path before it goes.</summary>
    private static string Bare(string name)
    {
        var line = FieldText.OneLine(name);
        return line[(line.LastIndexOfAny(['/', '\\']) + 1)..];
    }
}
