using System.Text.Json;
using AMA.Gateway.Cli.Api;

namespace AMA.Gateway.Cli.Output;

/// <summary>Writes what a search found, page by page, holding one page at a time.</summary>
internal abstract class FoundOutput : IDisposable
{
    public static FoundOutput For(Invocation call) => call.Json ? new AsJson(call) : new AsLines(call);

    public abstract void Write(Answer<MessagePage> page);

    /// <summary>After the last page.</summary>
    public abstract void End();

    public virtual void Dispose()
    {
    }

    /// <summary>Two lines a message: what to fetch it by, and what it is.</summary>
    private sealed class AsLines(Invocation call) : FoundOutput
    {
        private long _shown;
        private MessagePage? _last;

        public override void Write(Answer<MessagePage> page)
        {
            foreach (var item in page.Value.Items)
            {
                call.Say($"{item.Id}  {item.Date ?? item.ReceivedAt:yyyy-MM-dd HH:mm}Z  {Printable.Of(item.From)}");
                call.Say($"    {Subject(item)}");
            }
            _shown += page.Value.Items.Length;
            _last = page.Value;
        }

        public override void End()
        {
            if (_last is null) return;
            call.Note(_last.Total == 0 ? "Nothing found." : $"{_shown} of {_last.Total}.");
            if (_last.Next is { } next) call.Note($"More: the same with --cursor {Printable.Of(next)}, or --all.");
        }

        private static string Subject(MessageItem item)
        {
            var subject = item.Subject.Length == 0 ? "(no subject)" : Printable.Of(item.Subject);
            return item.Attachments.Length == 0
                ? subject
                : $"{subject}  [{string.Join(", ", item.Attachments.Select(Printable.Of))}]";
        }
    }

    /// <summary>One object of the API's shape, whose items come from as many pages as there were.</summary>
    private sealed class AsJson(Invocation call) : FoundOutput
    {
        private readonly Stream _stream = call.Around.OutBytes();
        private Utf8JsonWriter? _json;
        private MessagePage? _last;

        public override void Write(Answer<MessagePage> page)
        {
            if (_json is null)
            {
                _json = new(_stream, CliJson.Writing);
                _json.WriteStartObject();
                _json.WriteStartArray("items");
            }
            using var document = JsonDocument.Parse(page.Json);
            foreach (var item in document.RootElement.GetProperty("items").EnumerateArray()) item.WriteTo(_json);
            _json.Flush();
            _last = page.Value;
        }

        public override void End()
        {
            if (_json is null || _last is null) return;
            _json.WriteEndArray();
            _json.WriteNumber("total", _last.Total);
            _json.WriteString("next", _last.Next);
            _json.WriteEndObject();
            _json.Flush();
            _stream.WriteByte((byte)'\n');
        }

        public override void Dispose()
        {
            _json?.Dispose();
            _stream.Dispose();
        }
    }
}
