using AMA.Archive.Ids;
using AMA.Grains.Interfaces.Archive;

namespace AMA.Gateway.Web.Messages;

/// <summary>From the back end's views to what goes over HTTP: ids as hex, times in UTC.</summary>
internal static class MessageShaping
{
    public static MessageListShape Shape(this MessagePage page) =>
        new([.. page.Items.Select(Shape)], page.Total, page.Next);

    public static MessageItemShape Shape(this MessageItem item) => new(
        new RecordId(item.Id).ToString(), item.MessageId, item.Subject, item.From, item.To, item.Date?.UtcDateTime,
        item.ReceivedAt.UtcDateTime, item.Size, item.Attachments);

    public static MessageShape Shape(this MessageView view)
    {
        var item = view.Item.Shape();
        return new(
            item.Id, item.MessageId, item.Subject, item.From, item.To, item.Date, item.ReceivedAt, item.Size,
            [.. view.Attachments.Select(file => new AttachmentShape(file.Name, file.ContentType, file.Size))],
            [.. view.Headers.Select(header => new HeaderShape(header.Name, header.Value))],
            view.Text, [.. view.Deliveries.Select(Shape)], view.Flags);
    }

    private static DeliveryShape Shape(DeliveryView delivery) => new(
        delivery.Receipt, delivery.AcceptedAt.UtcDateTime, delivery.Sender, delivery.Recipients,
        delivery.ClientAddress, delivery.Tls);
}
