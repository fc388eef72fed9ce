using System.Text;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Output;

/// <summary>A message for a person's eyes, all of it made safe for a terminal.</summary>
internal static class MessageText
{
    public static string Of(Message message)
    {
        var text = new StringBuilder();
        Line(text, "From", message.From);
        Line(text, "To", string.Join(", ", message.To));
        Line(text, "Date", message.Date is { } date ? $"{date:yyyy-MM-dd HH:mm:ss}Z" : "(none)");
        Line(text, "Received", $"{message.ReceivedAt:yyyy-MM-dd HH:mm:ss}Z");
        Line(text, "Subject", message.Subject);
        foreach (var file in message.Attachments)
            Line(text, "Attached", $"{file.Name} ({file.ContentType}, {file.Size} bytes)");
        if (message.Flags.Length > 0) Line(text, "Flags", string.Join(", ", message.Flags));
        return text.Append('\n').Append(Printable.Lines(message.Text)).ToString();
    }

    private static void Line(StringBuilder text, string name, string value) =>
        text.Append($"{name + ":",-10}").Append(Printable.Of(value)).Append('\n');
}
